import { describe, expect, it } from "vitest";
import { routing } from "@/i18n/routing";
import { DEFAULT_LOCALE, LOCALES, type Locale, localePath, pathWithoutLocale } from "@/lib/locales";

describe("routing", () => {
  it("says the same to next-intl as lib/locales says to everybody else", () => {
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

  it("keeps query and anchor, and gives the home page no trailing slash", () => {
    expect(localePath("zh-CN", "/")).toBe("/zh");
    expect(localePath("zh-CN", "/?a=1")).toBe("/zh?a=1");
    expect(localePath("zh-CN", "/pricing?a=1#faq")).toBe("/zh/pricing?a=1#faq");
    expect(localePath("en", "/pricing#faq")).toBe("/pricing#faq");
  });

  it("leaves addresses elsewhere and anchors alone", () => {
    for (const href of ["https://stripe.com/", "mailto:a@b.example", "#faq"]) {
      expect(localePath("zh-CN", href)).toBe(href);
    }
  });

  it("finds the page behind a localised path, and takes no page for a language", () => {
    for (const path of ["/", "/pricing", "/bazi/new", "/zhou", "/english"]) {
      for (const locale of LOCALES) {
        expect(pathWithoutLocale(localePath(locale, path))).toBe(path);
      }
    }
    expect(pathWithoutLocale("/en/pricing")).toBe("/pricing");
  });
});
