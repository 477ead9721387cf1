import { z } from "zod";
import type { Transaction } from "@/db/client";
import { outbox } from "@/db/schema";
import { reportWrittenEntries } from "@/outbox/written-entries";

const refundReason = z.enum(["duplicate", "requested_by_customer"]).default("duplicate");

/** A Stripe call that follows from a database change. */
export const stripeCall = z.discriminatedUnion("do", [
  z.object({ do: z.literal("expire-session"), sessionId: z.string() }),
  z.object({
    // `cancel-at-period-end` is the name in entries written before December 2026.
    do: z.enum(["end-for-lifetime", "cancel-at-period-end"]),
    subscriptionId: z.string(),
  }),
  z.object({ do: z.literal("cancel-now"), subscriptionId: z.string() }),
  z.object({
    do: z.enum(["cancel-all", "delete-customer", "erase-customer", "update-customer-email"]),
    customerId: z.string(),
  }),
  z.object({
    do: z.enum(["cancel-for-reversal", "undo-switch"]),
    subscriptionId: z.string(),
    paymentId: z.string(),
  }),
  z.object({
    do: z.enum(["stop-renewal-for-dispute", "resume-renewal"]),
    subscriptionId: z.string(),
  }),
  z.object({ do: z.literal("change-price"), priceChangeId: z.string() }),
  z.object({ do: z.literal("void-invoice"), invoiceId: z.string() }),
  // Returns what was charged and what the customer balance paid, by one credit note.
  z.object({ do: z.literal("refund-invoice"), invoiceId: z.string(), reason: refundReason }),
  z.object({ do: z.literal("refund-payment"), paymentIntentId: z.string(), reason: refundReason }),
  z.object({
    do: z.literal("refund-withdrawal"),
    paymentIntentId: z.string(),
    /** Minor units. */
    amountCents: z.int().positive(),
    withdrawalId: z.string(),
  }),
]);
export type StripeCall = z.output<typeof stripeCall>;

/**
 * Writes a call to the outbox in the transaction that causes it. `runStripeCalls` runs it at least
 * once, with `key` and the attempt's number as Stripe's idempotency key. The same key again changes
 * nothing.
 */
export async function enqueueStripeCall(
  tx: Transaction,
  { key, userId, call, now }: { key: string; userId: string; call: StripeCall; now: Date },
): Promise<void> {
  reportWrittenEntries([key]);
  await tx
    .insert(outbox)
    .values({
      kind: "stripe",
      idempotencyKey: key,
      userId,
      payload: call,
      createdAt: now,
      nextAttemptAt: now,
    })
    .onConflictDoNothing({ target: outbox.idempotencyKey });
}
