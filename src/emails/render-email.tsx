import { render } from "react-email";
import { loadMessages } from "@/i18n/load-messages";
import { localePath } from "@/lib/locales";
import type { StoredEmail } from "./email-content";
import { emailTranslator } from "./email-translator";
import type { Stationery } from "./letter";
import { LetterLayout } from "./letter-layout";
import { letterText } from "./letter-text";
import { writeLetter } from "./templates/write-letter";
import type { UnsubscribeLink } from "./unsubscribe-link";

export interface RenderedEmail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/** Renders an e-mail in its reader's language, as HTML and as plain text. */
export async function renderEmail(
  email: StoredEmail,
  { appUrl, unsubscribe = null }: { appUrl: string; unsubscribe?: UnsubscribeLink | null },
): Promise<RenderedEmail> {
  const stationery = await stationeryFor(email, appUrl, unsubscribe);
  const letter = writeLetter(email, stationery);
  const html = await render(<LetterLayout letter={letter} stationery={stationery} />);
  return { subject: letter.subject, html, text: letterText(letter, stationery) };
}

/** The subject alone, for a list. */
export async function emailSubject(
  email: StoredEmail,
  { appUrl }: { appUrl: string },
): Promise<string> {
  return writeLetter(email, await stationeryFor(email, appUrl, null)).subject;
}

async function stationeryFor(
  { locale }: StoredEmail,
  appUrl: string,
  unsubscribe: UnsubscribeLink | null,
): Promise<Stationery> {
  const t = emailTranslator(locale, await loadMessages(locale));
  const pageUrl = (path: string) => appUrl + localePath(locale, path);
  return { t, locale, pageUrl, unsubscribeUrl: unsubscribe?.pageUrl ?? null };
}
