import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getLocale, getTranslations } from "next-intl/server";
import { socialProviders } from "@/accounts/auth";
import { getCurrentUser } from "@/accounts/session";
import { alternates } from "@/app/[locale]/alternates";
import { PLANS, SIGN_UP_GIFT } from "@/catalog/catalog";
import { Link } from "@/components/link";
import { now } from "@/lib/clock";
import { formatCreditAmount } from "@/lib/formats";
import { AuthSheet } from "../auth-sheet";
import { destinationOf, withNext } from "../destination";
import { ProviderButtons } from "../provider-buttons";
import { SignUpForm } from "./sign-up-form";
import { WelcomeCredits } from "./welcome-credits";

interface Props {
  searchParams: Promise<{ next?: string | string[] }>;
}

const LINK = "text-foreground underline underline-offset-4";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("auth.signUp");
  const common = await getTranslations("common");
  const locale = await getLocale();
  const amount = SIGN_UP_GIFT.credits + PLANS.free.creditsPerMonth;
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
    <AuthSheet
      title={t("signUp.title")}
      footer={t.rich("signUp.elsewhere", {
        link: (label) => (
          <Link href={withNext("/sign-in", next)} className={LINK}>
            {label}
          </Link>
        ),
      })}
    >
      <WelcomeCredits now={now()} />
      <ProviderButtons providers={socialProviders} destination={destination} />
      <SignUpForm destination={destination} />
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
    </AuthSheet>
  );
}
