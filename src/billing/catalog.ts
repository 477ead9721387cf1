import { PACK_IDS, PACKS, type PackId, PLANS } from "@/catalog/catalog";

/** What can be bought. Clients send one of these ids and nothing else. */
export const ITEM_IDS = [
  "pro-monthly",
  "pro-yearly",
  "lifetime",
  "pack-basic",
  "pack-standard",
  "pack-premium",
  "pack-enterprise",
] as const;
export type ItemId = (typeof ITEM_IDS)[number];

export type SubscriptionPlanId = "pro-monthly" | "pro-yearly";

export interface SubscriptionItem {
  readonly kind: "subscription";
  readonly id: SubscriptionPlanId;
  readonly creditsPerMonth: number;
}

export interface LifetimeItem {
  readonly kind: "lifetime";
  readonly id: "lifetime";
  readonly creditsPerMonth: number;
}

export interface PackItem {
  readonly kind: "pack";
  readonly id: `pack-${PackId}`;
  readonly credits: number;
  /** Days from the grant until the remainder expires; null means never. */
  readonly expireDays: number | null;
}

export type Item = SubscriptionItem | LifetimeItem | PackItem;

/** An item with its credits from the catalogue. */
export function itemById(id: ItemId): Item {
  if (id === "lifetime") {
    return { kind: "lifetime", id, creditsPerMonth: PLANS.lifetime.creditsPerMonth };
  }
  if (id === "pro-monthly" || id === "pro-yearly") {
    return { kind: "subscription", id, creditsPerMonth: PLANS[id].creditsPerMonth };
  }
  const pack = PACKS[packOf(id)];
  return { kind: "pack", id, credits: pack.credits, expireDays: pack.expireDays };
}

function packOf(id: `pack-${PackId}`): PackId {
  const packId = PACK_IDS.find((candidate) => `pack-${candidate}` === id);
  if (packId === undefined) throw new Error(`No pack for item ${id}.`);
  return packId;
}

/** True if `value` is the id of something that can be bought. */
export function isItemId(value: unknown): value is ItemId {
  return ITEM_IDS.some((id) => id === value);
}

/** Maps Stripe price ids to items and back. */
export interface PriceCatalogue {
  /** The price that an item is sold at today. */
  priceOf(item: ItemId): string;
  /** The item of a current or retired price; null if the price is not ours. */
  itemOf(priceId: string | null | undefined): Item | null;
}

/**
 * Builds the catalogue. `retired` lists prices that are no longer sold but still grant their item:
 * `price_x=pro-monthly,price_y=lifetime`. Throws on a malformed list or a price with two items.
 */
export function createPriceCatalogue(options: {
  current: Readonly<Record<ItemId, string>>;
  retired: string;
}): PriceCatalogue {
  const items = new Map<string, Item>();
  const add = (priceId: string, id: ItemId) => {
    if (items.has(priceId)) throw new Error(`Price ${priceId} belongs to two items.`);
    items.set(priceId, itemById(id));
  };
  for (const id of ITEM_IDS) add(options.current[id], id);
  for (const [priceId, id] of parseRetired(options.retired)) add(priceId, id);
  return {
    priceOf: (item) => options.current[item],
    itemOf: (priceId) => (priceId ? (items.get(priceId) ?? null) : null),
  };
}

function parseRetired(list: string): [string, ItemId][] {
  return list
    .split(",")
    .map((entry) => entry.trim())
    .filter(Boolean)
    .map((entry) => {
      const [priceId, id, ...rest] = entry.split("=").map((part) => part.trim());
      if (!priceId || !isItemId(id) || rest.length > 0) {
        throw new Error(
          `STRIPE_RETIRED_PRICES: "${entry}" must be price_id=item, where item is one of ${ITEM_IDS.join(", ")}.`,
        );
      }
      return [priceId, id];
    });
}
