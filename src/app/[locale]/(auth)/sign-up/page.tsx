import { addHours } from "date-fns";
import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { useTranslations } from "next-intl";
import { getLocale, getTranslations } from "next-intl/server";
import { captchaWidget, socialProviders } from "@/accounts/auth";
import { getCurrentUser } from "@/accounts/session";
import { alternates } from "@/app/[locale]/alternates";
import { ChosenPurchase } from "@/app/purchase/chosen-purchase";
import { catalog } from "@/catalog/catalog";
import { graceHoursOf } from "@/catalog/items";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import { now } from "@/lib/clock";
import { formatCreditAmount } from "@/lib/formats";
import { monthsAfter } from "@/lib/utc-period";
import { AuthCard } from "../auth-card";
import { destinationOf, withNext } from "../destination";
import { ProviderButtons } from "../provider-buttons";
import { SignUpForm } from "./sign-up-form";

interface Props {
  searchParams: Promise<{ next?: string | string[] }>;
}

const LINK = "text-foreground underline underline-offset-4";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("auth.signUp");
  const common = await getTranslations("common");
  const locale = await getLocale();
  const amount = catalog.signUpGift.credits + catalog.freePlan.creditsPerMonth;
  const amountText = formatCreditAmount(amount, locale);
  return {
    title: t("title"),
    description: t("metaDescription", { credits: common("credits", { amount, amountText }) }),
    alternates: alternates(locale, "/sign-up"),
  };
}

export default async function SignUpPage({ searchParams }: Props) {
  const { next } = await searchParams;
  const destination = destinationOf(next, await getLocale());
  if ((await getCurrentUser()) !== null) redirect(destination);
  const t = await getTranslations("auth");
  return (
    <AuthCard
      title={t("signUp.title")}
      footer={t.rich("signUp.elsewhere", {
        link: (label) => (
          <Link href={withNext("/sign-in", next)} className={LINK}>
            {label}
          </Link>
        ),
      })}
    >
      <ChosenPurchase destination={destination} step="account" />
      <WelcomeCredits now={now()} />
      <ProviderButtons providers={socialProviders} destination={destination} />
      <SignUpForm destination={destination} captcha={captchaWidget} />
      <p className="text-muted-foreground text-xs">
        {t.rich("signUp.consent", {
          terms: (label) => (
            <Link href="/terms" className={LINK}>
              {label}
            </Link>
          ),
          privacy: (label) => (
            <Link href="/privacy" className={LINK}>
              {label}
            </Link>
          ),
        })}
      </p>
    </AuthCard>
  );
}

/** The credits of a new account and when they expire. */
function WelcomeCredits({ now }: { now: Date }) {
  const t = useTranslations("auth.signUp");
  const monthly = catalog.freePlan.creditsPerMonth;
  const parts = [
    {
      label: t("gift"),
      credits: catalog.signUpGift.credits,
      expiresAt: addHours(now, catalog.signUpGift.expireDays * 24),
    },
    {
      label: t("firstMonth"),
      credits: monthly,
      expiresAt: addHours(monthsAfter(now, 1), graceHoursOf(catalog.freePlan)),
    },
  ];
  return (
    <section aria-label={t("startsWith")} className="rounded-md border bg-background p-4 text-sm">
      <p className="flex items-baseline justify-between gap-4 font-medium">
        {t("startsWith")}
        <Credits amount={catalog.signUpGift.credits + monthly} className="text-base" />
      </p>
      <ul className="mt-3 grid gap-2 border-t pt-3">
        {parts.map(({ label, credits, expiresAt }) => (
          <li key={label} className="flex items-baseline justify-between gap-4">
            <span>
              {label}
              <span className="block text-muted-foreground text-xs">
                {t.rich("until", { day: () => <DateTime instant={expiresAt} kind="date" /> })}
              </span>
            </span>
            <Credits amount={credits} />
          </li>
        ))}
      </ul>
      <p className="mt-3 text-muted-foreground text-xs">{t("eachMonth", { credits: monthly })}</p>
    </section>
  );
}
