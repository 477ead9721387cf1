import { catalog } from "@/catalog/catalog";
import { FORMAT_LOCALES } from "@/lib/formats";
import type { Locale } from "@/lib/locales";

/** Formats the price of one credit with four decimals. With two, some packs would look alike. */
export function formatPricePerCredit(
  offer: { amount: number; credits: number },
  locale: Locale,
): string {
  return new Intl.NumberFormat(FORMAT_LOCALES[locale], {
    style: "currency",
    currency: catalog.currency,
    minimumFractionDigits: 4,
    maximumFractionDigits: 4,
  }).format(offer.amount / offer.credits / 100);
}
