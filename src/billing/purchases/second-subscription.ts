import { and, eq, inArray, isNotNull } from "drizzle-orm";
import type Stripe from "stripe";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { enqueueStripeCall } from "../stripe/stripe-calls";
import { listLiveSubscriptions } from "../subscriptions/live-subscriptions";
import type { PaidInvoice } from "./bill";
import { insertInvoicePayment } from "./insert-invoice-payment";
import { sendDuplicateRefunded } from "./receipts";

/**
 * The customer's other subscriptions that have begun, as Stripe knows them: one still waiting for
 * its first payment (incomplete) holds nothing back.
 */
export async function listSiblings(
  billing: BillingDeps,
  { customerId, subscriptionId }: { customerId: string; subscriptionId: string },
): Promise<Stripe.Subscription[]> {
  const live = await listLiveSubscriptions(billing, customerId);
  return live.filter(({ id, status }) => id !== subscriptionId && status !== "incomplete");
}

/**
 * Whether a paid subscription is a second one: it never made its owner a member, while another live
 * one did or was begun before it. The caller has locked the user's row, so that of two paid at once
 * exactly one is the second, in whatever order their events come.
 */
export async function isSecondSubscription(
  tx: Transaction,
  judged: {
    userId: string;
    subscription: Stripe.Subscription;
    siblings: readonly Stripe.Subscription[];
  },
): Promise<boolean> {
  const { userId, subscription, siblings } = judged;
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

/** Records the payment without credits or membership, cancels and refunds it, and tells the person. */
export async function refuseSecondSubscription(tx: Transaction, bill: PaidInvoice): Promise<void> {
  const { to, userId, invoice, subscription, plan, now } = bill;
  await insertInvoicePayment(tx, { ...bill, period: null, credits: 0 });
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
    to,
    invoiceId: invoice.id,
    item: plan.item.id,
    amountCents: Math.max(0, invoice.amount_paid),
    currency: invoice.currency,
    now,
  });
}
