import type { Letter, Stationery } from "./letter";

/** The plain-text part of a letter: the same words in the same order as the HTML. */
export function letterText(letter: Letter, { t, pageUrl, unsubscribeUrl }: Stationery): string {
  const facts = letter.facts?.map(({ label, value }) => t("fact", { label, value })).join("\n");
  const action =
    letter.action && `${t("actionLine", { label: letter.action.label })}\n${letter.action.url}`;
  const turnOff =
    unsubscribeUrl === null
      ? ""
      : `\n${t("actionLine", { label: t("unsubscribe") })}\n${unsubscribeUrl}`;
  const footer = `-- \n${t("footer")}\n${pageUrl("/")}${turnOff}`;
  const { heading, greeting, paragraphs, notes = [] } = letter;
  return [heading, greeting, ...paragraphs, facts, action, ...notes, footer]
    .filter((part) => part !== undefined && part !== "")
    .join("\n\n");
}
