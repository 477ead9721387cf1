import type { Letter, Stationery } from "./letter";

/** The plain-text part of a letter: the same words in the same order as the HTML. */
export function letterText(letter: Letter, { t, pageUrl }: Stationery): string {
  const facts = letter.facts?.map(({ label, value }) => t("fact", { label, value })).join("\n");
  const action =
    letter.action && `${t("actionLine", { label: letter.action.label })}\n${letter.action.url}`;
  const footer = `-- \n${t("footer")}\n${pageUrl("/")}`;
  return [letter.heading, ...letter.paragraphs, facts, action, ...(letter.notes ?? []), footer]
    .filter((part) => part !== undefined && part !== "")
    .join("\n\n");
}
