import type { Transaction } from "@/db/client";
import { enqueueStripeCall, type StripeCall } from "../stripe/stripe-calls";

type Owned = { userId: string; now: Date };

/** A subscription of a deleted account ends at once, whenever we hear of it. */
export async function cancelForDeletion(
  tx: Transaction,
  { userId, subscriptionId, now }: Owned & { subscriptionId: string },
): Promise<void> {
  await enqueueStripeCall(tx, {
    key: `account:${userId}:cancel:${subscriptionId}`,
    userId,
    call: { do: "cancel-now", subscriptionId },
    now,
  });
}

/**
 * What a deleted account paid and we heard of only afterwards goes back whole: nobody is there to
 * have it. `paid`: the invoice, or the payment intent of a one-time purchase.
 */
export async function refundForDeletion(
  tx: Transaction,
  { userId, paid, now }: Owned & { paid: { invoiceId: string } | { paymentIntentId: string } },
): Promise<void> {
  const reason = "requested_by_customer";
  const call: StripeCall =
    "invoiceId" in paid
      ? { do: "refund-invoice", invoiceId: paid.invoiceId, reason }
      : { do: "refund-payment", paymentIntentId: paid.paymentIntentId, reason };
  const id = "invoiceId" in paid ? paid.invoiceId : paid.paymentIntentId;
  await enqueueStripeCall(tx, { key: `account:${userId}:refund:${id}`, userId, call, now });
}
