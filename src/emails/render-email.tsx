import { createTranslator } from "next-intl";
import { render } from "react-email";
import { loadMessages } from "@/i18n/load-messages";
import { localePath } from "@/lib/locales";
import type { StoredEmail } from "./email-content";
import { EmailLayout } from "./email-layout";
import type { EmailText, TemplateContext } from "./template";
import { fillTemplate } from "./templates";
import type { UnsubscribeLink } from "./unsubscribe-link";

export interface RenderedEmail {
  readonly subject: string;
  readonly html: string;
  readonly text: string;
}

/**
 * Renders an email in the recipient's language, as HTML and as plain text.
 * @throws when a message is missing, so that no email goes out with a bare key
 */
export async function renderEmail(
  email: StoredEmail,
  { appUrl, unsubscribe = null }: { appUrl: string; unsubscribe?: UnsubscribeLink | null },
): Promise<RenderedEmail> {
  const context = await createContext(email, { appUrl, unsubscribe });
  const text = fillTemplate(email, context);
  const html = await render(<EmailLayout text={text} context={context} />);
  return { subject: text.subject, html, text: renderPlainText(text, context) };
}

/** The subject alone, for lists. */
export async function emailSubject(
  email: StoredEmail,
  { appUrl }: { appUrl: string },
): Promise<string> {
  const context = await createContext(email, { appUrl, unsubscribe: null });
  return fillTemplate(email, context).subject;
}

async function createContext(
  { locale }: StoredEmail,
  { appUrl, unsubscribe }: { appUrl: string; unsubscribe: UnsubscribeLink | null },
): Promise<TemplateContext> {
  const options = {
    locale,
    messages: await loadMessages(locale),
    onError(error: Error) {
      throw error;
    },
  };
  const t = createTranslator({ ...options, namespace: "emails" });
  const words = createTranslator({ ...options, namespace: "product" });
  const pageUrl = (path: string) => appUrl + localePath(locale, path);
  return { t, words, locale, pageUrl, unsubscribeUrl: unsubscribe?.pageUrl ?? null };
}

/** The same content in the same order as the HTML. */
function renderPlainText(text: EmailText, { t, pageUrl, unsubscribeUrl }: TemplateContext): string {
  const { heading, paragraphs, facts, action, notes = [] } = text;
  const linkTo = (label: string, url: string) => `${t("actionLine", { label })}\n${url}`;
  const footer = ["-- ", t("footer"), pageUrl("/")];
  if (unsubscribeUrl !== null) footer.push(linkTo(t("unsubscribe"), unsubscribeUrl));
  return [
    heading,
    ...paragraphs,
    facts?.map(({ label, value }) => t("fact", { label, value })).join("\n"),
    action && linkTo(action.label, action.url),
    ...notes,
    footer.join("\n"),
  ]
    .filter((part) => part !== undefined && part !== "")
    .join("\n\n");
}
