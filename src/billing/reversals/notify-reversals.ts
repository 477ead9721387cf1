import { findItem } from "@/catalog/items";
import type { Transaction } from "@/db/client";
import type { PaymentReversal, payment } from "@/db/schema";
import type { BillingEvent } from "@/emails/billing-events";
import { type Recipient, sendBillingChange } from "../purchases/receipts";

/**
 * Emails the user about each refund and dispute that is new or has moved, and adds a notice. Nothing for a
 * refused payment, whose refund was announced when it was refused. Locks nothing.
 */
export async function notifyReversals(
  tx: Transaction,
  {
    before,
    reversals,
    isReversed,
    recipient,
    now,
  }: {
    /** The payment before the reversals were applied. */
    before: typeof payment.$inferSelect;
    /** All of its reversals. */
    reversals: readonly PaymentReversal[];
    isReversed: boolean;
    /** Null for a deleted account. */
    recipient: Recipient | null;
    now: Date;
  },
): Promise<void> {
  if (recipient === null || before.refusal !== null) return;
  const known = new Map(before.reversals.map(({ key, state }) => [key, state]));
  const isPlan = findItem(before.item)?.kind !== "pack" && before.switchedFromPriceId === null;
  const isRunning = before.memberUntilAt !== null && before.memberUntilAt > now;
  for (const { key, kind, state, amount, currency } of reversals) {
    const event = eventOf(kind, { state, before: known.get(key) });
    if (event === null) continue;
    await sendBillingChange(tx, {
      recipient,
      key: `${key}:${event}`,
      event,
      item: before.item,
      paymentId: before.id,
      amountCents: amount,
      currency,
      endsPlan: isReversed && !before.isReversed && isPlan && isRunning,
      now,
    });
  }
}

function eventOf(
  kind: PaymentReversal["kind"],
  {
    state,
    before,
  }: { state: PaymentReversal["state"]; before: PaymentReversal["state"] | undefined },
): BillingEvent | null {
  if (state === before) return null;
  const wasTaken = before === "open" || before === "standing";
  switch (state) {
    case "harmless":
      return null;
    case "open":
      return "dispute-opened";
    case "standing":
      return kind === "dispute" ? "dispute-lost" : "refunded";
    case "undone":
      if (!wasTaken) return null;
      return kind === "dispute" ? "dispute-won" : "refund-undone";
  }
}
