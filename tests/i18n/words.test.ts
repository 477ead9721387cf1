import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadMessages } from "@/i18n/load-messages";

const rows = readFileSync("docs/guides/words.md", "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .slice(2)
  .map((line) => line.split("|").map((cell) => cell.trim()));

describe.each(["en", "zh-CN"] as const)("the texts in %s", (locale) => {
  const forbidden = rows.flatMap(([, , , , english = "", chinese = ""]) =>
    (locale === "en" ? english.split(",") : chinese.split("、"))
      .map((word) => word.trim())
      .filter((word) => word !== ""),
  );

  it("of the interface use no word that the glossary rejects", async () => {
    expect(forbidden.length).toBeGreaterThan(15);
    const found = textsOf(await loadMessages(locale)).flatMap((text) =>
      forbidden.filter((word) => contains(text, word)).map((word) => `${word}: ${text}`),
    );
    expect(found).toEqual([]);
  });

  // Single English words have other meanings there: a house full of books, a tree that stands alone.
  it("of the interpretations use no phrase that the glossary rejects", () => {
    const phrases = forbidden.filter((word) => locale === "zh-CN" || word.includes(" "));
    expect(phrases.length).toBeGreaterThan(10);
    const found = interpretationsIn(locale).flatMap((text) =>
      phrases.filter((phrase) => contains(text, phrase)).map((phrase) => `${phrase}: ${text}`),
    );
    expect(found).toEqual([]);
  });
});

/** English words count only as a whole. Names of arguments and tags are not text. */
function contains(text: string, word: string): boolean {
  const shown = text.replace(/<\/?\w+>|\{\w+/g, "");
  return /^[a-z]/.test(word) ? new RegExp(`\\b${word}\\b`, "i").test(shown) : shown.includes(word);
}

function textsOf(messages: object): string[] {
  return Object.values(messages).flatMap((value: unknown) => {
    if (typeof value === "string") return [value];
    return typeof value === "object" && value !== null ? textsOf(value) : [];
  });
}

/** The lines of the files that an interpretation is composed of. */
function interpretationsIn(locale: string): string[] {
  const folder = `src/products/bazi/interpretation/${locale}`;
  return readdirSync(folder).flatMap((file) =>
    readFileSync(`${folder}/${file}`, "utf8").split("\n"),
  );
}
