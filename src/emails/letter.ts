import type { Locale } from "@/lib/locales";
import type { EmailTranslator } from "./email-translator";

/** What a template has at hand. */
export interface Stationery {
  readonly t: EmailTranslator;
  readonly locale: Locale;
  /** The absolute address of one of our pages in the reader's language. */
  readonly pageUrl: (path: string) => string;
  /** Where this kind of mail can be turned off without signing in; null if it is not optional. */
  readonly unsubscribeUrl: string | null;
}

/** The content of an e-mail, from which both its HTML and its plain text are made. */
export interface Letter {
  readonly subject: string;
  /** The heading inside the mail. */
  readonly heading: string;
  /** A line before the paragraphs; what is addressed to nobody has none. */
  readonly greeting?: string;
  /** The first one is what a mailbox previews beside the subject: the sentence that matters. */
  readonly paragraphs: readonly string[];
  /** Facts in two columns: what, and how much or when. */
  readonly facts?: readonly { readonly label: string; readonly value: string }[];
  /** The one thing to do. */
  readonly action?: { readonly label: string; readonly url: string };
  /** Below the action, smaller. */
  readonly notes?: readonly string[];
}
