import type { Locale } from "@/lib/locales";

const STRIPE_LOCALES = { en: "en", "zh-CN": "zh" } as const satisfies Record<Locale, string>;

/** Stripe's name for a locale, for its pages and emails. */
export function stripeLocale(locale: Locale): "en" | "zh" {
  return STRIPE_LOCALES[locale];
}
