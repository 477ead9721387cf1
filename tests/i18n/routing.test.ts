import { describe, expect, it } from "vitest";
import { routing } from "@/i18n/routing";
import { DEFAULT_LOCALE, LOCALES, type Locale, localePath, pathWithoutLocale } from "@/lib/locales";

describe("routing", () => {
  it("gives next-intl the languages and prefixes of lib/locales", () => {
    expect(routing.locales).toEqual(LOCALES);
    expect(routing.defaultLocale).toBe(DEFAULT_LOCALE);
    const rule = routing.localePrefix;
    const prefixes: Partial<Record<Locale, string>> =
      typeof rule === "object" && rule.mode !== "never" ? (rule.prefixes ?? {}) : {};
    for (const locale of LOCALES) {
      const prefix = locale === DEFAULT_LOCALE ? "" : (prefixes[locale] ?? "missing");
      expect(localePath(locale, "/pricing")).toBe(`${prefix}/pricing`);
    }
  });
});

describe("localePath", () => {
  it("keeps the query and the hash, and adds no trailing slash to the home page", () => {
    expect(localePath("zh-CN", "/")).toBe("/zh");
    expect(localePath("zh-CN", "/?a=1")).toBe("/zh?a=1");
    expect(localePath("zh-CN", "/pricing?a=1#faq")).toBe("/zh/pricing?a=1#faq");
    expect(localePath("en", "/pricing#faq")).toBe("/pricing#faq");
  });

  it("leaves external URLs and hashes unchanged", () => {
    for (const href of ["https://stripe.com/", "mailto:a@b.example", "#faq"]) {
      expect(localePath("zh-CN", href)).toBe(href);
    }
  });
});

describe("pathWithoutLocale", () => {
  it("removes the language prefix and nothing else", () => {
    for (const path of ["/", "/pricing", "/bazi/new", "/zhou", "/english"]) {
      for (const locale of LOCALES) {
        expect(pathWithoutLocale(localePath(locale, path))).toBe(path);
      }
    }
    expect(pathWithoutLocale("/en/pricing")).toBe("/pricing");
  });
});
