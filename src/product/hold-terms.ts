import { and, eq } from "drizzle-orm";
import type { PaidFeature } from "@/catalog/items";
import { type Rate, rate } from "@/catalog/rate-card";
import type { Executor } from "@/db/client";
import type { Usage } from "@/ledger/debit";
import { HoldNotFound } from "@/ledger/errors";
import type { Overrun } from "@/ledger/hold";
import { creditHold } from "@/ledger/schema";

/** What happens to work that used more than its hold. Without a feature, the rest is refused. */
export function overrunOf(feature: Pick<PaidFeature, "overrun"> | null): Overrun {
  const policy = feature?.overrun ?? "refuse";
  return typeof policy === "string" ? { policy } : { policy: "charge", ...policy };
}

/**
 * The rate under which a hold was made, which applies until its capture; null if it has none. It never
 * changes, so no lock is needed.
 * @throws HoldNotFound
 */
export async function readHoldRate(
  reader: Executor,
  { userId, key }: { userId: string; key: string },
): Promise<Rate | null> {
  const [found] = await reader
    .select({ rate: creditHold.rate })
    .from(creditHold)
    .where(and(eq(creditHold.userId, userId), eq(creditHold.key, key)));
  if (found === undefined) throw new HoldNotFound();
  return rate.nullable().parse(found.rate);
}

/** What was used, with the model and tier of the hold's rate. */
export function usageAt(
  { model, tier }: Rate,
  units: Readonly<Record<string, number>>,
): Usage & { units: Readonly<Record<string, number>> } {
  return { ...(model !== null && { model }), ...(tier !== null && { tier }), units };
}
