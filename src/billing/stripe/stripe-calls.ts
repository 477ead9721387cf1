import { z } from "zod";
import type { Transaction } from "@/db/client";
import { outbox } from "@/db/schema";

const refundReason = z.enum(["duplicate", "requested_by_customer"]).default("duplicate");

/** A call to Stripe that follows from something booked here. */
export const stripeCall = z.discriminatedUnion("do", [
  z.object({ do: z.literal("expire-session"), sessionId: z.string() }),
  z.object({ do: z.literal("cancel-at-period-end"), subscriptionId: z.string() }),
  z.object({ do: z.literal("cancel-now"), subscriptionId: z.string() }),
  z.object({ do: z.literal("cancel-all"), customerId: z.string() }),
  z.object({ do: z.literal("refund-invoice"), invoiceId: z.string(), reason: refundReason }),
  z.object({ do: z.literal("refund-payment"), paymentIntentId: z.string(), reason: refundReason }),
]);
export type StripeCall = z.output<typeof stripeCall>;

/**
 * Writes down a call in the transaction that causes it: a crash loses none. It is made afterwards,
 * at least once, by `deliverStripeCalls`, with `key` and the attempt's number as Stripe's idempotency
 * key. The same key twice is one call.
 */
export async function enqueueStripeCall(
  tx: Transaction,
  { key, userId, call, now }: { key: string; userId: string; call: StripeCall; now: Date },
): Promise<void> {
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
