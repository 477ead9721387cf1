import { and, desc, eq, ne } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { catalogPrice, priceChange, type subscription } from "@/db/schema";
import { type SoldTerms, soldTerms } from "../prices/terms";

/** New terms of a subscription, and the renewal that they apply from. */
export interface UpcomingTerms extends SoldTerms {
  readonly startsAt: Date;
}

/** The terms that a live, renewing subscription will change to; null if it keeps its price. */
export async function readPriceChange(
  reader: Executor,
  live: typeof subscription.$inferSelect,
  at: Date,
): Promise<UpcomingTerms | null> {
  const [found] = await reader
    .select({ change: priceChange, sold: catalogPrice })
    .from(priceChange)
    .innerJoin(
      catalogPrice,
      and(
        eq(catalogPrice.priceId, priceChange.toPriceId),
        eq(catalogPrice.currency, priceChange.currency),
      ),
    )
    .where(and(eq(priceChange.subscriptionId, live.id), ne(priceChange.status, "dropped")))
    .orderBy(desc(priceChange.createdAt))
    .limit(1);
  if (found === undefined) return null;
  const { change, sold } = found;
  const { status, fromPriceId, toPriceId, quantity, effectiveAt } = change;
  if (live.priceId !== (status === "applied" ? toPriceId : fromPriceId)) return null;
  // A change that missed its renewal applies to the next one.
  const next = live.currentPeriodEndAt;
  const startsAt =
    status === "scheduled" && next !== null && next > effectiveAt ? next : effectiveAt;
  return startsAt <= at ? null : { ...soldTerms(sold, quantity), startsAt };
}
