import { and, eq, inArray, isNotNull, ne } from "drizzle-orm";
import type Stripe from "stripe";
import type { Transaction } from "@/db/client";
import { payment, trial } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { enqueueStripeCall } from "../stripe/stripe-calls";
import { instantOf } from "../stripe/values";
import { endedAtOf, isLive, listAllSubscriptions } from "../subscriptions/live-subscriptions";
import { isHeldLifetime } from "./held-plans";
import { balanceCentsOf } from "./load-invoice";
import type { PaidInvoice } from "./paid-period";
import { type Recipient, sendDuplicateRefunded } from "./receipts";

/**
 * The customer's other subscriptions at Stripe that are live, or were live at the instant `at`. Without
 * incomplete ones: a subscription that waits for its first payment does not block another.
 */
export async function listSiblings(
  billing: BillingDeps,
  {
    customerId,
    subscriptionId,
    at,
  }: { customerId: string; subscriptionId: string; at: Date | null },
): Promise<Stripe.Subscription[]> {
  const all = await listAllSubscriptions(billing, customerId);
  return all
    .filter(({ id, status }) => id !== subscriptionId && !status.startsWith("incomplete"))
    .filter((one) => (at === null ? isLive(one.status) : wasLive(one, at)));
}

function wasLive(one: Stripe.Subscription, at: Date): boolean {
  const endedAt = endedAtOf(one);
  return instantOf(one.created) <= at && (endedAt === null || endedAt > at);
}

/**
 * Whether a paid subscription is a second one: it never made its owner a member or gave a trial, and
 * another live one did or is older. The caller has locked the user's row, so exactly one of two concurrent
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
  const { userId, subscription: bought, siblings } = candidate;
  if (siblings.length === 0) return false;
  const ids = [bought.id, ...siblings.map((sibling) => sibling.id)];
  const granted = await tx
    .selectDistinct({ id: payment.subscriptionId })
    .from(payment)
    .where(
      and(
        eq(payment.userId, userId),
        inArray(payment.subscriptionId, ids),
        isNotNull(payment.memberFromAt),
      ),
    )
    .unionAll(
      tx
        .select({ id: trial.subscriptionId })
        .from(trial)
        .where(and(eq(trial.userId, userId), inArray(trial.subscriptionId, ids))),
    );
  if (granted.some(({ id }) => id === bought.id)) return false;
  return granted.length > 0 || siblings.some((sibling) => isOlder(sibling, bought));
}

function isOlder(a: Stripe.Subscription, b: Stripe.Subscription): boolean {
  return a.created === b.created ? a.id < b.id : a.created < b.created;
}

/**
 * Whether a paid lifetime is a second one: another paid lifetime of its owner has started and was not
 * reversed. The caller has locked the user's row, so of two concurrent payments one grants and the
 * other is the second.
 */
export async function isSecondLifetime(
  tx: Transaction,
  { userId, paymentId }: { userId: string; paymentId: string },
): Promise<boolean> {
  const [held] = await tx
    .select({ id: payment.id })
    .from(payment)
    .where(and(isHeldLifetime(userId), ne(payment.id, paymentId)))
    .limit(1);
  return held !== undefined;
}

/** Cancels and refunds a second subscription and emails the user. The caller records the payment. */
export async function refuseSecondSubscription(
  tx: Transaction,
  paidInvoice: PaidInvoice,
): Promise<void> {
  const { recipient, userId, invoice, subscription, plan, now } = paidInvoice;
  await enqueueStripeCall(tx, {
    key: `second-subscription:${subscription.id}:cancel`,
    userId,
    call: { do: "cancel-now", subscriptionId: subscription.id },
    now,
  });
  const balanceCents = balanceCentsOf(invoice);
  const amountCents = Math.max(0, invoice.amount_paid) + balanceCents;
  if (amountCents > 0) {
    await enqueueStripeCall(tx, {
      key: `second-subscription:${invoice.id}:refund`,
      userId,
      call: { do: "refund-invoice", invoiceId: invoice.id, reason: "duplicate" },
      now,
    });
  }
  await sendDuplicateRefunded(tx, {
    recipient,
    source: `invoice:${invoice.id}`,
    item: plan.item.id,
    amountCents,
    balanceCents,
    currency: invoice.currency,
    now,
  });
}

/** Refunds a second lifetime and emails the user. The caller records the payment. */
export async function refuseSecondLifetime(
  tx: Transaction,
  paid: {
    recipient: Recipient;
    /** The id of the payment. */
    source: string;
    item: string;
    /** Null if nothing was charged. */
    paymentIntentId: string | null;
    amountCents: number;
    currency: string;
    now: Date;
  },
): Promise<void> {
  const { recipient, paymentIntentId, source, now } = paid;
  if (paymentIntentId !== null) {
    await enqueueStripeCall(tx, {
      key: `second-lifetime:${source}:refund`,
      userId: recipient.userId,
      call: { do: "refund-payment", paymentIntentId, reason: "duplicate" },
      now,
    });
  }
  await sendDuplicateRefunded(tx, { ...paid, balanceCents: 0 });
}
