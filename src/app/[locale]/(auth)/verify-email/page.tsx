import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { getCurrentUser } from "@/accounts/session";
import { Alert } from "@/components/ui/alert";
import { LinkButton } from "@/components/ui/link-button";
import { AuthCard } from "../auth-card";
import { ResendVerification } from "../resend-verification";

interface Props {
  searchParams: Promise<{ error?: string; checked?: string }>;
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("auth.verifyEmail");
  return { title: t("title"), robots: { index: false } };
}

/** The target of the verification email, after better-auth has checked its token and redirected. */
export default async function VerifyEmailPage({ searchParams }: Props) {
  const { error, checked } = await searchParams;
  const user = await getCurrentUser();
  const t = await getTranslations("auth");
  const onward =
    user === null ? (
      <LinkButton href="/sign-in">{t("signIn.submit")}</LinkButton>
    ) : (
      <LinkButton href="/dashboard" variant="primary">
        {t("verifyEmail.dashboard")}
      </LinkButton>
    );
  // Without a session, only the parameters of better-auth's redirect are known.
  const isConfirmed = error === undefined && (user?.emailVerified ?? checked !== undefined);
  return (
    <AuthCard title={t("verifyEmail.title")}>
      {isConfirmed ? (
        <Alert tone="success">{t("verifyEmail.confirmed")}</Alert>
      ) : (
        <Alert tone={error === undefined ? "info" : "destructive"}>
          {t(error === undefined ? "verifyEmail.notYet" : "verifyEmail.failed")}
        </Alert>
      )}
      {!isConfirmed && user !== null && !user.emailVerified && (
        <ResendVerification email={user.email} />
      )}
      {onward}
    </AuthCard>
  );
}
