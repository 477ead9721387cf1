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
