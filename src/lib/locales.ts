/** The languages and the paths of their pages: English has no prefix, Chinese is under `/zh`. */
export const LOCALES = ["en", "zh-CN"] as const;
export type Locale = (typeof LOCALES)[number];
export const DEFAULT_LOCALE: Locale = "en";

export const LOCALE_PREFIXES = { en: "", "zh-CN": "/zh" } as const;

/** True if `value` is one of our languages. */
export function isLocale(value: unknown): value is Locale {
  return LOCALES.some((locale) => locale === value);
}

/** Returns the locale, or the default if it is not one of our languages. */
export function localeOf(value: unknown): Locale {
  return isLocale(value) ? value : DEFAULT_LOCALE;
}

/** The supported language that an Accept-Language header prefers: `zh-TW, en;q=0.5` prefers Chinese. */
export function preferredLocale(acceptLanguage: string | null): Locale {
  for (const tag of languagesByWeight(acceptLanguage ?? "")) {
    const language = /^[a-z]+/i.exec(tag)?.[0].toLowerCase();
    const found = LOCALES.find((locale) => locale.split("-")[0] === language);
    if (found !== undefined) return found;
  }
  return DEFAULT_LOCALE;
}

/** The tags of an Accept-Language header, the preferred first. A weight of 0 excludes a language. */
export function languagesByWeight(acceptLanguage: string): string[] {
  return acceptLanguage
    .split(",")
    .map((entry) => {
      const [tag = "", ...parameters] = entry.split(";").map((part) => part.trim());
      const weight = parameters.find((one) => one.startsWith("q="))?.slice(2) ?? "1";
      return { tag, weight: Number(weight) };
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
}

/** Returns a page's path in a language: `/zh/pricing` for `/pricing`. Keeps the query and the hash. */
export function localePath(locale: Locale, path: string): string {
  if (!path.startsWith("/")) return path;
  const prefix = LOCALE_PREFIXES[locale];
  if (prefix === "") return path;
  return /^\/(?=$|[?#])/.test(path) ? prefix + path.slice(1) : prefix + path;
}

/** Returns a page's path without its language: `/pricing` for `/zh/pricing`. */
export function pathWithoutLocale(path: string): string {
  for (const prefix of ["/zh", "/en"]) {
    if (path === prefix) return "/";
    if (path.startsWith(`${prefix}/`)) return path.slice(prefix.length);
  }
  return path;
}
