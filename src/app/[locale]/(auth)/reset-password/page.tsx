import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { LinkButton } from "@/components/ui/link-button";
import { AuthCard } from "../auth-card";
import { ResetPasswordForm } from "./reset-password-form";

interface Props {
  /** `verified`: the page follows a verification link (`offerNewPassword`). */
  searchParams: Promise<{ token?: string | string[]; verified?: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("auth.resetPassword");
  // The URL contains the token, so it must not leak in a Referer header.
  return { title: t("title"), robots: { index: false }, referrer: "no-referrer" };
}

export default async function ResetPasswordPage({ searchParams }: Props) {
  const { token, verified } = await searchParams;
  const t = await getTranslations("auth");
  if (typeof token !== "string" || token === "") {
    return (
      <AuthCard title={t("resetPassword.title")} description={t("problems.link_invalid")}>
        <LinkButton href="/forgot-password">{t("resetPassword.newLink")}</LinkButton>
      </AuthCard>
    );
  }
  const isVerified = verified !== undefined;
  return (
    <AuthCard
      title={t(isVerified ? "resetPassword.verified" : "resetPassword.title")}
      description={t(isVerified ? "resetPassword.verifiedText" : "resetPassword.text")}
    >
      <ResetPasswordForm token={token} />
    </AuthCard>
  );
}
