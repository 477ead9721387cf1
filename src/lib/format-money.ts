import { FORMAT_LOCALES } from "./format-locale";
import type { Locale } from "./locales";

/**
 * Money with its currency: 990 cents of `usd` → `US$9.90`. Knows currencies without cents (`jpy`)
 * through their own number of digits; Stripe's amounts are in the currency's smallest unit.
 */
export function formatMoney(amountCents: number, currency: string, locale: Locale): string {
  const format = new Intl.NumberFormat(FORMAT_LOCALES[locale], { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  return format.format(amountCents / 10 ** digits).replace("-", "−");
}
