import { and, asc, count, eq, inArray, notInArray } from "drizzle-orm";
import type { SubscriptionItem } from "@/catalog/items";
import type { Executor } from "@/db/client";
import { catalogPrice, priceChange, subscription } from "@/db/schema";
import { MigrationRefused } from "../errors";
import { itemOfRows } from "../prices/terms";
import { FINAL_STATUSES } from "../subscriptions/live-subscriptions";

/** A price at Stripe with the terms it is sold under. */
export interface VersionPrice {
  readonly priceId: string;
  readonly item: SubscriptionItem;
}

/**
 * A version of a plan's price in one interval. `npm run stripe:setup` numbers the versions of each item
 * from 1. Older prices are all version 1, so that version may have several prices.
 */
export interface PriceVersion {
  readonly item: string;
  readonly version: number;
  /** Oldest first. */
  readonly prices: readonly VersionPrice[];
}

/**
 * The versions of a plan's subscription prices, by item and version.
 * @throws MigrationRefused if the plan was never sold as a subscription
 */
export async function listVersions(reader: Executor, plan: string): Promise<PriceVersion[]> {
  const rows = await reader
    .select()
    .from(catalogPrice)
    .where(and(eq(catalogPrice.owner, plan), eq(catalogPrice.kind, "subscription")))
    .orderBy(
      asc(catalogPrice.item),
      asc(catalogPrice.version),
      asc(catalogPrice.createdAt),
      asc(catalogPrice.priceId),
    );
  const versions = new Map<string, { item: string; version: number; prices: VersionPrice[] }>();
  for (const priceId of new Set(rows.map((row) => row.priceId))) {
    const ofPrice = rows.filter((row) => row.priceId === priceId);
    const sold = itemOfRows(ofPrice);
    const [row] = ofPrice;
    if (row === undefined || sold?.kind !== "subscription") continue;
    const key = `${row.item} ${row.version}`;
    const version = versions.get(key) ?? { item: row.item, version: row.version, prices: [] };
    version.prices.push({ priceId, item: sold });
    versions.set(key, version);
  }
  if (versions.size === 0) {
    throw new MigrationRefused(`"${plan}" is not a plan that is sold as a subscription.`);
  }
  return [...versions.values()];
}

/** How many live subscriptions have one of the prices, and how many of them are scheduled to leave it. */
export async function countSubscribers(
  reader: Executor,
  priceIds: readonly string[],
): Promise<{ live: number; leaving: number }> {
  const [live] = await reader
    .select({ live: count() })
    .from(subscription)
    .where(
      and(
        inArray(subscription.priceId, [...priceIds]),
        notInArray(subscription.status, FINAL_STATUSES),
      ),
    );
  const [leaving] = await reader
    .select({ leaving: count() })
    .from(priceChange)
    .where(
      and(inArray(priceChange.fromPriceId, [...priceIds]), eq(priceChange.status, "scheduled")),
    );
  return { live: live?.live ?? 0, leaving: leaving?.leaving ?? 0 };
}
