import { createHmac } from "node:crypto";
import { z } from "zod";
import { equalInConstantTime } from "@/lib/constant-time";
import { localePath } from "@/lib/locales";
import type { EmailTemplate, StoredEmail } from "./email-content";

/** The mails that nobody has to get. */
export const OPTIONAL_TEMPLATES = ["credits-expiring", "low-balance"] as const;
export type OptionalTemplate = (typeof OPTIONAL_TEMPLATES)[number];

/** Where an optional mail can be turned off without signing in. */
export interface UnsubscribeLink {
  /** Our page, in the reader's language, for the link in the mail. */
  readonly pageUrl: string;
  /** Takes the POST of a mail program's own button (RFC 8058). */
  readonly oneClickUrl: string;
}

const tokenBody = z.tuple([z.string().min(1), z.enum(OPTIONAL_TEMPLATES)]);

/** The links of a mail that is optional and somebody's; null for every other. */
export function unsubscribeLink(
  { template, locale }: Pick<StoredEmail, "template" | "locale">,
  { userId, appUrl, secret }: { userId: string | null; appUrl: string; secret: string },
): UnsubscribeLink | null {
  if (userId === null || !isOptional(template)) return null;
  const query = `?token=${signUnsubscribe({ userId, template }, secret)}`;
  return {
    pageUrl: appUrl + localePath(locale, `/unsubscribe${query}`),
    oneClickUrl: `${appUrl}/api/notifications/unsubscribe${query}`,
  };
}

/**
 * A token that lets its bearer turn one kind of mail to one person off and on, and nothing else.
 * It has no end: a link in an old mail must still work (RFC 8058, section 3.1).
 */
export function signUnsubscribe(
  { userId, template }: { userId: string; template: OptionalTemplate },
  secret: string,
): string {
  const body = Buffer.from(JSON.stringify([userId, template])).toString("base64url");
  return `${body}.${signatureOf(body, secret)}`;
}

/** Whom and what a token is about; null when we did not sign it. */
export function verifyUnsubscribe(
  token: string,
  secret: string,
): { userId: string; template: OptionalTemplate } | null {
  const [body = "", signature = "", ...rest] = token.split(".");
  if (rest.length > 0 || !equalInConstantTime(signature, signatureOf(body, secret))) return null;
  const parsed = tokenBody.safeParse(JSON.parse(Buffer.from(body, "base64url").toString("utf8")));
  if (!parsed.success) return null;
  const [userId, template] = parsed.data;
  return { userId, template };
}

/** The prefix keeps these signatures apart from all others made with the same secret. */
function signatureOf(body: string, secret: string): string {
  return createHmac("sha256", secret).update(`unsubscribe:${body}`).digest("base64url");
}

function isOptional(template: EmailTemplate): template is OptionalTemplate {
  return OPTIONAL_TEMPLATES.some((optional) => optional === template);
}
