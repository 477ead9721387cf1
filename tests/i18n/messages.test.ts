import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadMessages } from "@/i18n/load-messages";
import { NAMESPACES } from "@/i18n/namespaces";

/** The pronunciation of a character and the plural selector, which Chinese does not use. */
const UNUSED_IN_CHINESE = ["{sound}", "{amount}"];

const en = flatten(await loadMessages("en"));
const zh = flatten(await loadMessages("zh-CN"));

describe("messages", () => {
  it("have one file per namespace", () => {
    for (const locale of ["en", "zh-CN"]) {
      const files = readdirSync(`src/i18n/messages/${locale}`).map((name) =>
        name.replace(".json", ""),
      );
      expect(files.toSorted()).toEqual([...NAMESPACES].toSorted());
    }
  });

  it("have the same keys in both languages", () => {
    expect([...zh.keys()].toSorted()).toEqual([...en.keys()].toSorted());
  });

  it("have no empty sentence", () => {
    for (const messages of [en, zh]) {
      for (const [key, text] of messages) expect(text.trim(), key).not.toBe("");
    }
  });

  it("use the same arguments and tags in both languages", () => {
    for (const [key, text] of en) {
      expect(requiredPlaceholders(zh.get(key) ?? ""), key).toEqual(requiredPlaceholders(text));
    }
  });

  it("use full-width punctuation between Chinese characters", () => {
    for (const [key, text] of zh) {
      expect(text, key).not.toMatch(/\p{Script=Han}\s*(?:[,;!?]|:(?=\s|$)|\.(?!\w))/u);
      expect(text, key).not.toMatch(/[（(]\s|\s[)）]|\p{Script=Han} \p{Script=Han}/u);
    }
  });
});

/** Maps `{ a: { b: "text" } }` to `a.b` → `text`. */
function flatten(messages: object, prefix = ""): Map<string, string> {
  return new Map(
    Object.entries(messages).flatMap(([key, value]: [string, unknown]) => {
      if (typeof value === "string") return [[prefix + key, value] as const];
      if (typeof value !== "object" || value === null) {
        throw new Error(`${prefix}${key} is neither a message nor a group.`);
      }
      return [...flatten(value, `${prefix}${key}.`)];
    }),
  );
}

function requiredPlaceholders(text: string): string[] {
  return placeholders(text).filter((name) => !UNUSED_IN_CHINESE.includes(name));
}

/** Returns a message's arguments and tags without duplicates, including those in plural and select branches. */
function placeholders(text: string): string[] {
  const tags = [...text.matchAll(/<(\w+)>/g)].map(([, name]) => `<${name}>`);
  return [...new Set([...argumentsOf(text), ...tags])].toSorted();
}

function argumentsOf(text: string): string[] {
  return bracesOf(text).flatMap((braces) => {
    const [, name = "", , branches = ""] =
      /^\s*(\w+)\s*(?:,\s*(\w+)\s*,?\s*(.*))?$/s.exec(braces) ?? [];
    return [`{${name}}`, ...bracesOf(branches).flatMap(argumentsOf)];
  });
}

/** Returns the text inside each outermost pair of braces. */
function bracesOf(text: string): string[] {
  const found: string[] = [];
  let depth = 0;
  let start = 0;
  for (const [index, character] of [...text].entries()) {
    if (character === "{" && depth++ === 0) start = index + 1;
    if (character === "}" && --depth === 0) found.push([...text].slice(start, index).join(""));
  }
  return found;
}
