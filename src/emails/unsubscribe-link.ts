import { createHmac } from "node:crypto";
import { z } from "zod";
import { equalInConstantTime } from "@/lib/constant-time";
import { localePath } from "@/lib/locales";
import type { EmailTemplate, StoredEmail } from "./email-content";

/** The emails that a recipient can turn off. */
const OPTIONAL_TEMPLATES = ["credits-expiring", "low-balance"] as const;
export type OptionalTemplate = (typeof OPTIONAL_TEMPLATES)[number];

/** Turns a kind of optional email off without signing in. */
export interface UnsubscribeLink {
  /** The page in the recipient's language; linked in the email's footer. */
  readonly pageUrl: string;
  /** Receives the POST of a mail client's unsubscribe button (RFC 8058). */
  readonly oneClickUrl: string;
}

const tokenBody = z.tuple([z.string().min(1), z.enum(OPTIONAL_TEMPLATES)]);

/** Null for an email that is not optional or belongs to no user. */
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
 * Returns a token whose bearer can turn one kind of email to one user off and on, and nothing else. It
 * never expires: the link in an old email must still work (RFC 8058, section 3.1).
 */
export function signUnsubscribe(
  { userId, template }: { userId: string; template: OptionalTemplate },
  secret: string,
): string {
  const body = Buffer.from(JSON.stringify([userId, template])).toString("base64url");
  return `${body}.${signatureOf(body, secret)}`;
}

/** The user and the kind of email that a token names; null if the signature is invalid. */
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

/** The prefix separates these signatures from others made with the same secret. */
function signatureOf(body: string, secret: string): string {
  return createHmac("sha256", secret).update(`unsubscribe:${body}`).digest("base64url");
}

function isOptional(template: EmailTemplate): template is OptionalTemplate {
  return OPTIONAL_TEMPLATES.some((optional) => optional === template);
}
