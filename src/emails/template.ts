import type { createTranslator, Messages } from "next-intl";
import { formatCreditAmount, formatInstant } from "@/lib/formats";
import type { Locale } from "@/lib/locales";
import { timeZoneName } from "@/lib/time-zones";
import type { EmailPropsOf, EmailTemplate } from "./email-content";

/** What every template can use. */
export interface TemplateContext {
  /** Translates the `emails` messages. */
  readonly t: ReturnType<typeof createTranslator<Messages, "emails">>;
  /** Translates what the product says about itself. */
  readonly words: ReturnType<typeof createTranslator<Messages, "product">>;
  readonly locale: Locale;
  /** The absolute URL of a page of the site in the recipient's language. */
  readonly pageUrl: (path: string) => string;
  /** Page that turns this kind of email off without signing in; null if the email is not optional. */
  readonly unsubscribeUrl: string | null;
}

/** The text of an email. HTML and plain text are both rendered from it. */
export interface EmailText {
  readonly subject: string;
  readonly heading: string;
  /** Mailboxes preview the first paragraph beside the subject, so it states what matters. */
  readonly paragraphs: readonly string[];
  /** Rendered as a two-column table. */
  readonly facts?: readonly { readonly label: string; readonly value: string }[];
  readonly action?: { readonly label: string; readonly url: string };
  /** Small print below the action. */
  readonly notes?: readonly string[];
}

/** Writes one kind of email. */
export type Template<T extends EmailTemplate> = (
  props: EmailPropsOf<T>,
  context: TemplateContext,
) => EmailText;

export function formatCredits(credits: number, { t, locale }: TemplateContext): string {
  return t("credits", { amount: credits, amountText: formatCreditAmount(credits, locale) });
}

/** `3 Mar 2026, 14:00 (China Standard Time)`: the zone is named because an email is read anywhere. */
export function formatTime(isoInstant: string, timeZone: string, context: TemplateContext): string {
  const { t, locale } = context;
  const instant = formatInstant(new Date(isoInstant), { locale, timeZone, style: "date-time" });
  return t("instant", { instant, zone: timeZoneName(timeZone, locale) });
}
