import { and, eq, gt, inArray, notInArray } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { checkoutSession, payment, subscription, user } from "@/db/schema";
import { enqueueStripeCall, type StripeCall } from "../stripe/stripe-calls";
import { FINAL_STATUSES } from "./live-subscriptions";

interface Owner {
  readonly userId: string;
  readonly now: Date;
}

/**
 * Ends a deleted account's memberships and everything it has at Stripe: cancels its subscriptions at
 * once, including those without an event yet, and closes its open payment pages. Writes the calls to
 * the outbox in the caller's transaction. Whatever is paid anyway is refunded when its event arrives.
 *
 * The caller has locked the user's row and ends the credit schedules. Payments are kept.
 */
export async function closeBilling(tx: Transaction, { userId, now }: Owner): Promise<void> {
  await tx
    .update(payment)
    .set({ memberUntilAt: now })
    .where(and(eq(payment.userId, userId), gt(payment.memberUntilAt, now)));
  const live = await tx
    .select({ id: subscription.id })
    .from(subscription)
    .where(and(eq(subscription.userId, userId), notInArray(subscription.status, FINAL_STATUSES)));
  for (const { id: subscriptionId } of live) {
    await cancelForDeletion(tx, { userId, subscriptionId, now });
  }
  await cancelAllAtStripe(tx, { userId, now });
  const open = await tx
    .select({ id: checkoutSession.id })
    .from(checkoutSession)
    .where(
      and(
        eq(checkoutSession.userId, userId),
        inArray(checkoutSession.status, ["open", "superseded"]),
      ),
    );
  for (const { id: sessionId } of open) {
    await enqueueStripeCall(tx, {
      key: `checkout:${sessionId}:expire`,
      userId,
      call: { do: "expire-session", sessionId },
      now,
    });
  }
}

/** Cancels a deleted account's subscription at once, even if its first event arrives later. */
export async function cancelForDeletion(
  tx: Transaction,
  { userId, subscriptionId, now }: Owner & { subscriptionId: string },
): Promise<void> {
  await enqueueStripeCall(tx, {
    key: `account:${userId}:cancel:${subscriptionId}`,
    userId,
    call: { do: "cancel-now", subscriptionId },
    now,
  });
}

/**
 * Refunds in full what a deleted account paid and whose event arrives later. `paid` is the invoice, or
 * the payment intent of a one-time purchase.
 */
export async function refundForDeletion(
  tx: Transaction,
  { userId, paid, now }: Owner & { paid: { invoiceId: string } | { paymentIntentId: string } },
): Promise<void> {
  const reason = "requested_by_customer";
  const call: StripeCall =
    "invoiceId" in paid
      ? { do: "refund-invoice", invoiceId: paid.invoiceId, reason }
      : { do: "refund-payment", paymentIntentId: paid.paymentIntentId, reason };
  const id = "invoiceId" in paid ? paid.invoiceId : paid.paymentIntentId;
  await enqueueStripeCall(tx, { key: `account:${userId}:refund:${id}`, userId, call, now });
}

async function cancelAllAtStripe(tx: Transaction, { userId, now }: Owner): Promise<void> {
  const [owner] = await tx
    .select({ customerId: user.stripeCustomerId })
    .from(user)
    .where(eq(user.id, userId));
  if (!owner?.customerId) return;
  await enqueueStripeCall(tx, {
    key: `account:${userId}:cancel-all`,
    userId,
    call: { do: "cancel-all", customerId: owner.customerId },
    now,
  });
}
