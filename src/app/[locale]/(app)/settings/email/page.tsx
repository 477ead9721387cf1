import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { emailChangeLink, isPendingEmailChange } from "@/accounts/change-email";
import { requireUserPage } from "@/accounts/session";
import { Alert } from "@/components/ui/alert";
import { LinkButton } from "@/components/ui/link-button";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { env } from "@/env";
import { now } from "@/lib/clock";
import { ConfirmEmail } from "./confirm-email";

interface Props {
  searchParams: Promise<{ to?: string | string[]; token?: string | string[] }>;
}

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("settings.email");
  // The URL contains a token, so it must not leak in a Referer header.
  return { title: t("confirmTitle"), robots: { index: false }, referrer: "no-referrer" };
}

/** The target of the link to a new address. Only a click changes it: mail scanners open links. */
export default async function ConfirmEmailPage({ searchParams }: Props) {
  const user = await requireUserPage();
  const t = await getTranslations("settings.email");
  const link = emailChangeLink.safeParse(await searchParams);
  const pending = { userId: user.id, secret: env.BETTER_AUTH_SECRET, now: now() };
  const isPending =
    link.success && (await isPendingEmailChange(db, { ...pending, link: link.data }));
  return (
    <>
      <PageHeader title={t("confirmTitle")} />
      <div className="grid max-w-2xl justify-items-start gap-6">
        {isPending ? (
          <>
            <p className="break-words">{t("confirmText", { email: link.data.to })}</p>
            <ConfirmEmail link={link.data} />
          </>
        ) : (
          <>
            <Alert tone="destructive">{t("invalid")}</Alert>
            <LinkButton href="/settings">{t("back")}</LinkButton>
          </>
        )}
      </div>
    </>
  );
}
