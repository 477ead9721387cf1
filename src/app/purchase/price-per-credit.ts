import { currencyDigits } from "@/lib/currencies";
import { formatMoney } from "@/lib/formats";
import type { Locale } from "@/lib/locales";

/**
 * Formats the price of one credit with two decimals more than the currency has (four for `usd`), so
 * that no two packs look alike.
 */
export function formatPricePerCredit(
  offer: { amount: number; currency: string; credits: number },
  locale: Locale,
): string {
  const { amount, currency, credits } = offer;
  return formatMoney(amount / credits, currency, locale, { digits: currencyDigits(currency) + 2 });
}
