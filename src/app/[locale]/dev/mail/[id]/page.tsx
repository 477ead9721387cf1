import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { z } from "zod";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import { db } from "@/db";
import { findPreviewedMail } from "@/emails/mail-preview";
import { renderEmail } from "@/emails/render-email";
import { unsubscribeLink } from "@/emails/unsubscribe-link";
import { env } from "@/env";

interface Props {
  params: Promise<{ id: string }>;
}

export const dynamic = "force-dynamic";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("dev.mail");
  return { title: t("title"), robots: { index: false }, referrer: "no-referrer" };
}

/** One sent email: its HTML in a sandboxed frame, and its plain text. */
export default async function PreviewedMailPage({ params }: Props) {
  const { id } = await params;
  if (!env.QIFLOW_EMBEDDED || !z.uuid().safeParse(id).success) notFound();
  const mail = await findPreviewedMail(db, id);
  if (mail === null) notFound();
  const t = await getTranslations("dev.mail");
  const appUrl = env.APP_URL;
  const unsubscribe = unsubscribeLink(mail.email, {
    userId: mail.userId,
    appUrl,
    secret: env.BETTER_AUTH_SECRET,
  });
  const { subject, html, text } = await renderEmail(mail.email, { appUrl, unsubscribe });
  const facts = [
    { label: t("to"), value: mail.email.to },
    { label: t("sent"), value: <DateTime instant={mail.createdAt} /> },
  ];
  return (
    <article className="grid gap-6">
      <Link href="/dev/mail" className="justify-self-start text-sm underline underline-offset-4">
        {t("back")}
      </Link>
      <header className="grid gap-2">
        <h1 lang={mail.email.locale} className="font-heading text-2xl">
          {subject}
        </h1>
        <dl className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
          {facts.map(({ label, value }) => (
            <div key={label} className="flex gap-2">
              <dt className="text-muted-foreground">{label}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </header>
      <iframe
        title={subject}
        sandbox="allow-popups allow-popups-to-escape-sandbox"
        srcDoc={html}
        className="h-[40rem] w-full rounded-lg border bg-card"
      />
      <section className="grid gap-2">
        <h2 className="font-semibold">{t("plainText")}</h2>
        <MailText text={text} language={mail.email.locale} />
      </section>
    </article>
  );
}

/** The plain text of an email with clickable links. */
function MailText({ text, language }: { text: string; language: string }) {
  return (
    <pre
      lang={language}
      className="overflow-x-auto whitespace-pre-wrap break-words rounded-lg border bg-card p-4 text-sm"
    >
      {text.split(/(https?:\/\/\S+)/).map((part, position) =>
        position % 2 === 1 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: the text never changes, and a URL can occur in it twice.
          <a key={position} href={part} className="underline underline-offset-4">
            {part}
          </a>
        ) : (
          part
        ),
      )}
    </pre>
  );
}
