import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import { Badge } from "@/components/ui/badge";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { listPreviewedMails } from "@/emails/mail-preview";
import { emailSubject } from "@/emails/render-email";
import { env } from "@/env";

/** Rendered per request: the environment at run time decides whether the page exists. */
export const dynamic = "force-dynamic";

const NEWEST = 100;

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("dev.mail");
  return { title: t("title"), robots: { index: false } };
}

/** The mail preview: the emails that were sent without a configured email provider. */
export default async function MailPreviewPage() {
  if (!env.QIFLOW_EMBEDDED) notFound();
  const t = await getTranslations("dev.mail");
  const stored = await listPreviewedMails(db, { limit: NEWEST });
  const mails = await Promise.all(
    stored.map(async (mail) => ({
      ...mail,
      subject: await emailSubject(mail.email, { appUrl: env.APP_URL }),
    })),
  );
  return (
    <>
      <PageHeader title={t("title")} description={t("text")} />
      {mails.length === 0 ? (
        <EmptyState title={t("empty")} />
      ) : (
        <ul className="divide-y rounded-lg border bg-card">
          {mails.map(({ id, status, createdAt, email, subject }) => (
            <li key={id}>
              <Link
                href={`/dev/mail/${id}`}
                className="grid gap-x-4 gap-y-1 px-4 py-3 text-sm hover:bg-muted sm:grid-cols-[1fr_auto]"
              >
                <span lang={email.locale} className="font-medium">
                  {subject}
                </span>
                <DateTime instant={createdAt} className="text-muted-foreground sm:text-end" />
                <span className="text-muted-foreground">{email.to}</span>
                {status !== "done" && (
                  <span className="sm:text-end">
                    <Badge tone={status === "dead" ? "destructive" : "warning"}>{t(status)}</Badge>
                  </span>
                )}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
