import { catalog } from "@/catalog/catalog";
import { formatMoney } from "@/lib/formats";
import type { Locale } from "@/lib/locales";

/** Formats the price of one credit with four decimals. With two, some packs would look alike. */
export function formatPricePerCredit(
  offer: { amount: number; credits: number },
  locale: Locale,
): string {
  return formatMoney(offer.amount / offer.credits, catalog.currency, locale, { digits: 4 });
}
