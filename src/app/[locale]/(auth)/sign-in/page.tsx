import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { getLocale, getTranslations } from "next-intl/server";
import { socialProviders } from "@/accounts/auth";
import { getCurrentUser } from "@/accounts/session";
import { alternates } from "@/app/[locale]/alternates";
import { ChosenPurchase } from "@/app/purchase/chosen-purchase";
import { Link } from "@/components/link";
import { Alert } from "@/components/ui/alert";
import { AuthCard } from "../auth-card";
import { destinationOf, withNext } from "../destination";
import { ProviderButtons } from "../provider-buttons";
import { SignInForm } from "./sign-in-form";

interface Props {
  searchParams: Promise<{
    next?: string | string[];
    reset?: string;
    error?: string;
    deleted?: string;
  }>;
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("auth.signIn");
  return {
    title: t("title"),
    description: t("metaDescription"),
    alternates: alternates(await getLocale(), "/sign-in"),
  };
}

export default async function SignInPage({ searchParams }: Props) {
  const { next, reset, error, deleted } = await searchParams;
  const destination = destinationOf(next, await getLocale());
  if ((await getCurrentUser()) !== null) redirect(destination);
  const t = await getTranslations("auth");
  return (
    <AuthCard
      title={t("signIn.title")}
      footer={t.rich("signIn.elsewhere", {
        link: (label) => (
          <Link
            href={withNext("/sign-up", next)}
            className="text-foreground underline underline-offset-4"
          >
            {label}
          </Link>
        ),
      })}
    >
      {deleted !== undefined && <Alert tone="success">{t("signIn.accountDeleted")}</Alert>}
      {reset !== undefined && <Alert tone="success">{t("signIn.passwordSet")}</Alert>}
      {error !== undefined && <Alert tone="destructive">{t("providers.failed")}</Alert>}
      <ChosenPurchase destination={destination} step="signIn" />
      <ProviderButtons providers={socialProviders} destination={destination} />
      <SignInForm destination={destination} />
    </AuthCard>
  );
}
