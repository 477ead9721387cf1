import { describe, expect, it } from "vitest";
import { preferredLocale } from "@/lib/locales";

describe("preferredLocale", () => {
  it.each([
    ["zh-TW, en;q=0.5", "zh-CN"],
    ["en-GB;q=0.5, zh;q=0.9", "zh-CN"],
    ["fr-FR, en;q=0.1", "en"],
    ["zh;q=0, en;q=0.1", "en"],
    ["ZH-hans", "zh-CN"],
    ["de, *;q=0.5", "en"],
    [";q=x,,", "en"],
    ["", "en"],
    [null, "en"],
  ])("takes %j for %s", (header, locale) => {
    expect(preferredLocale(header)).toBe(locale);
  });
});
