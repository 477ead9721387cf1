/**
 * The languages and where their pages live: English without a prefix, Chinese under `/zh`.
 * Here and not in `i18n`, because billing, auth and e-mails need localised paths too and may import
 * nothing but `lib`. `src/i18n/routing.ts` repeats the figures for next-intl; a test holds them equal.
 */
export const LOCALES = ["en", "zh-CN"] as const;
export type Locale = (typeof LOCALES)[number];
export const DEFAULT_LOCALE: Locale = "en";

const PREFIXES: Record<Locale, string> = { en: "", "zh-CN": "/zh" };

/** True if `value` names one of our languages. */
export function isLocale(value: unknown): value is Locale {
  return LOCALES.some((locale) => locale === value);
}

/** The path of a page in a language: `/pricing` → `/zh/pricing`. Takes and keeps query and hash. */
export function localePath(locale: Locale, path: string): string {
  if (!path.startsWith("/")) return path;
  const prefix = PREFIXES[locale];
  if (prefix === "") return path;
  return /^\/(?=$|[?#])/.test(path) ? prefix + path.slice(1) : prefix + path;
}

/** The page's path without its language: `/zh/pricing` → `/pricing`. */
export function pathWithoutLocale(path: string): string {
  for (const prefix of ["/zh", "/en"]) {
    if (path === prefix) return "/";
    if (path.startsWith(`${prefix}/`)) return path.slice(prefix.length);
  }
  return path;
}
