import { and, eq, gt, inArray, notInArray, notLike } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { checkoutSession, payment, subscription, user } from "@/db/schema";
import { trimEventsOfUser } from "../inbox/trim-events";
import { enqueueStripeCall, type StripeCall } from "../stripe/stripe-calls";
import { FINAL_STATUSES, OUR_COMMENT } from "./live-subscriptions";

interface Owner {
  readonly userId: string;
  readonly now: Date;
}

/**
 * Ends a deleted account's memberships and everything it has at Stripe: cancels its subscriptions at
 * once, including those without an event yet, and closes its open payment pages. Writes the calls to
 * the outbox in the caller's transaction. Whatever is paid anyway is refunded when its event arrives.
 *
 * Removes what names the person: the stored events' details, links to receipts and payment pages, the
 * reason they gave for a cancellation, and the fields of their Stripe customer. Payments are kept.
 *
 * The caller has locked the user's row and ends the credit schedules.
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
    await cancelSubscription(tx, { userId, subscriptionId, now });
  }
  const [owner] = await tx
    .select({ customerId: user.stripeCustomerId })
    .from(user)
    .where(eq(user.id, userId));
  const customerId = owner?.customerId ?? null;
  if (customerId !== null) {
    await enqueueStripeCall(tx, {
      key: `account:${userId}:cancel-all`,
      userId,
      call: { do: "cancel-all", customerId },
      now,
    });
    await enqueueCustomerErasure(tx, { userId, customerId, cause: "deletion", now });
  }
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
  await removePersonalData(tx, { userId, customerId, now });
}

/**
 * Enqueues the call that empties the fields of a deleted account's Stripe customer. `cause` names what may
 * have filled them: the deletion, or a later payment or subscription, whose page asks for a name.
 */
export async function enqueueCustomerErasure(
  tx: Transaction,
  { userId, customerId, cause, now }: Owner & { customerId: string; cause: string },
): Promise<void> {
  await enqueueStripeCall(tx, {
    key: `account:${userId}:erase:${customerId}:${cause}`,
    userId,
    call: { do: "erase-customer", customerId },
    now,
  });
}

/** Cancels a deleted account's subscription at once, even if its first event arrives later. */
export async function cancelForDeletion(
  tx: Transaction,
  { userId, subscriptionId, now }: Owner & { subscriptionId: string },
): Promise<void> {
  await eraseAgain(tx, { userId, cause: subscriptionId, now });
  await cancelSubscription(tx, { userId, subscriptionId, now });
}

async function cancelSubscription(
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
  await eraseAgain(tx, { userId, cause: id, now });
  await enqueueStripeCall(tx, { key: `account:${userId}:refund:${id}`, userId, call, now });
}

async function eraseAgain(
  tx: Transaction,
  { userId, cause, now }: Owner & { cause: string },
): Promise<void> {
  const [owner] = await tx
    .select({ customerId: user.stripeCustomerId })
    .from(user)
    .where(eq(user.id, userId));
  if (!owner?.customerId) return;
  await enqueueCustomerErasure(tx, { userId, customerId: owner.customerId, cause, now });
}

async function removePersonalData(
  tx: Transaction,
  { userId, customerId, now }: Owner & { customerId: string | null },
): Promise<void> {
  await trimEventsOfUser(tx, { userId, customerId, now });
  await tx.update(payment).set({ receiptUrl: null }).where(eq(payment.userId, userId));
  await tx.update(checkoutSession).set({ url: null }).where(eq(checkoutSession.userId, userId));
  await tx
    .update(subscription)
    .set({ cancellationComment: null })
    .where(
      and(
        eq(subscription.userId, userId),
        notLike(subscription.cancellationComment, `${OUR_COMMENT}%`),
      ),
    );
}
