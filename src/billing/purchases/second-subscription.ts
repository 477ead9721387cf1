import { and, eq, inArray, isNotNull } from "drizzle-orm";
import type Stripe from "stripe";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { enqueueStripeCall } from "../stripe/stripe-calls";
import { listLiveSubscriptions } from "../subscriptions/live-subscriptions";
import { insertInvoicePayment, type PaidInvoice } from "./paid-period";
import { sendDuplicateRefunded } from "./receipts";

/**
 * The customer's other live subscriptions at Stripe, without incomplete ones: a subscription that
 * waits for its first payment does not block another.
 */
export async function listSiblings(
  billing: BillingDeps,
  { customerId, subscriptionId }: { customerId: string; subscriptionId: string },
): Promise<Stripe.Subscription[]> {
  const live = await listLiveSubscriptions(billing, customerId);
  return live.filter(({ id, status }) => id !== subscriptionId && status !== "incomplete");
}

/**
 * Whether a paid subscription is a second one: it never made its owner a member, and another live
 * one did or is older. The caller has locked the user's row, so exactly one of two concurrent
 * payments is the second, in whatever order their events arrive.
 */
export async function isSecondSubscription(
  tx: Transaction,
  candidate: {
    userId: string;
    subscription: Stripe.Subscription;
    siblings: readonly Stripe.Subscription[];
  },
): Promise<boolean> {
  const { userId, subscription, siblings } = candidate;
  if (siblings.length === 0) return false;
  const ids = [subscription.id, ...siblings.map((sibling) => sibling.id)];
  const granted = await tx
    .selectDistinct({ id: payment.subscriptionId })
    .from(payment)
    .where(
      and(
        eq(payment.userId, userId),
        inArray(payment.subscriptionId, ids),
        isNotNull(payment.memberFromAt),
      ),
    );
  if (granted.some(({ id }) => id === subscription.id)) return false;
  return granted.length > 0 || siblings.some((sibling) => isOlder(sibling, subscription));
}

function isOlder(a: Stripe.Subscription, b: Stripe.Subscription): boolean {
  return a.created === b.created ? a.id < b.id : a.created < b.created;
}

/** Records the payment without credits or membership, cancels, refunds, and emails the user. */
export async function refuseSecondSubscription(
  tx: Transaction,
  paidInvoice: PaidInvoice,
): Promise<void> {
  const { recipient, userId, invoice, subscription, plan, now } = paidInvoice;
  await insertInvoicePayment(tx, { ...paidInvoice, period: null, credits: 0 });
  await enqueueStripeCall(tx, {
    key: `second-subscription:${subscription.id}:cancel`,
    userId,
    call: { do: "cancel-now", subscriptionId: subscription.id },
    now,
  });
  if (invoice.amount_paid > 0) {
    await enqueueStripeCall(tx, {
      key: `second-subscription:${invoice.id}:refund`,
      userId,
      call: { do: "refund-invoice", invoiceId: invoice.id, reason: "duplicate" },
      now,
    });
  }
  await sendDuplicateRefunded(tx, {
    recipient,
    invoiceId: invoice.id,
    item: plan.item.id,
    amountCents: Math.max(0, invoice.amount_paid),
    currency: invoice.currency,
    now,
  });
}
