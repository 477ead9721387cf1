import { findItem, ITEMS, type Item } from "@/catalog/items";

export type { Item, LifetimeItem, PackItem, SubscriptionItem } from "@/catalog/items";

/** Maps Stripe price ids to items and back. */
export interface PriceCatalogue {
  /** The price that an item is sold at today. */
  priceOf(item: string): string;
  /** The item of a current or retired price; null if the price is not ours. */
  itemOf(priceId: string | null | undefined): Item | null;
}

/**
 * Builds the catalogue. `retired` lists prices that are no longer sold but still grant their item:
 * `price_x=pro-monthly,price_y=lifetime`. Throws on a malformed list or a price with two items.
 */
export function createPriceCatalogue(options: {
  current: Readonly<Record<string, string>>;
  retired: string;
}): PriceCatalogue {
  const items = new Map<string, Item>();
  const add = (priceId: string, item: Item) => {
    if (items.has(priceId)) throw new Error(`Price ${priceId} belongs to two items.`);
    items.set(priceId, item);
  };
  const priceOf = (id: string) => {
    const priceId = options.current[id];
    if (priceId === undefined) throw new Error(`The item ${id} has no price.`);
    return priceId;
  };
  for (const item of ITEMS) add(priceOf(item.id), item);
  for (const [priceId, item] of parseRetired(options.retired)) add(priceId, item);
  return {
    priceOf,
    itemOf: (priceId) => (priceId ? (items.get(priceId) ?? null) : null),
  };
}

function parseRetired(list: string): [string, Item][] {
  return list
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean)
    .map((entry) => {
      const [priceId, id, ...rest] = entry.split("=").map((part) => part.trim());
      const item = findItem(id);
      if (!priceId || item === null || rest.length > 0) {
        throw new Error(
          `STRIPE_RETIRED_PRICES: "${entry}" must be price_id=item, where item is one of ${ITEMS.map((one) => one.id).join(", ")}.`,
        );
      }
      return [priceId, item];
    });
}
