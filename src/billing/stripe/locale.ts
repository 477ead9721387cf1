import { DEFAULT_LOCALE, isLocale, type Locale } from "@/lib/locales";

const STRIPE_LOCALES = { en: "en", "zh-CN": "zh" } as const satisfies Record<Locale, string>;

/** A user's stored locale, or the default if we do not have it. */
export function localeOf(stored: string): Locale {
  return isLocale(stored) ? stored : DEFAULT_LOCALE;
}

/** Stripe's name for a locale, for its pages and emails. */
export function stripeLocale(locale: Locale): "en" | "zh" {
  return STRIPE_LOCALES[locale];
}
