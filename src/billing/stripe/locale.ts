import { DEFAULT_LOCALE, isLocale, type Locale } from "@/lib/locales";

const STRIPE_LOCALES = { en: "en", "zh-CN": "zh" } as const satisfies Record<Locale, string>;

/** A user's stored language, as one of ours. */
export function localeOf(stored: string): Locale {
  return isLocale(stored) ? stored : DEFAULT_LOCALE;
}

/** The name Stripe gives one of our languages, for its pages and letters. */
export function stripeLocale(locale: Locale): "en" | "zh" {
  return STRIPE_LOCALES[locale];
}
