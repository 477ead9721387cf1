import { findItem, ITEMS } from "@/catalog/items";
import type { LegacyPrice } from "./prices";

/**
 * Reads the price variables of earlier versions: `STRIPE_PRICE_<ITEM>` for each item, and
 * `STRIPE_RETIRED_PRICES=price_x=pro-monthly,price_y=lifetime`. Their prices are adopted at start;
 * nothing else reads them. Throws on a malformed list and on a price with two items.
 */
export function readLegacyPrices(
  environment: Readonly<Record<string, string | undefined>>,
): LegacyPrice[] {
  const current = ITEMS.flatMap(({ id: item }) => {
    const priceId = environment[`STRIPE_PRICE_${item.replaceAll("-", "_").toUpperCase()}`];
    return priceId ? [{ priceId, item }] : [];
  });
  const all = [...current, ...parseRetired(environment.STRIPE_RETIRED_PRICES ?? "")];
  const twice = all.find(({ priceId, item }) =>
    all.some((other) => other.priceId === priceId && other.item !== item),
  );
  if (twice !== undefined) throw new Error(`Price ${twice.priceId} belongs to two items.`);
  return all;
}

function parseRetired(list: string): LegacyPrice[] {
  return list
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean)
    .map((entry) => {
      const [priceId, item, ...rest] = entry.split("=").map((part) => part.trim());
      if (!priceId || item === undefined || findItem(item) === null || rest.length > 0) {
        throw new Error(
          `STRIPE_RETIRED_PRICES: "${entry}" must be price_id=item, where item is one of ${ITEMS.map(({ id }) => id).join(", ")}.`,
        );
      }
      return { priceId, item };
    });
}
