import type Stripe from "stripe";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import { grantCredits, grantLifetimeStart } from "@/ledger/grant";
import type { Item } from "../catalog";
import type { BillingDeps } from "../deps";
import { type CreditWrite, dead, type Effect, handled, ignored, nothing } from "../effect";
import { linkStripeCustomer } from "../link-stripe-customer";
import { resolveUser } from "../owner";
import { earlier, idOf } from "../stripe/stripe-ids";
import { refundForDeletion } from "../subscriptions/deleted-account";
import { cancelSubscriptionsForLifetime } from "../subscriptions/end-for-lifetime";
import { FOR_EVER } from "../subscriptions/membership-time";
import { firstAllotmentExpiry, packExpiry } from "./credit-expiry";
import { chargeOf, claimsOf, type LoadedSession, paymentInstant } from "./load-session";
import { sendPurchaseReceived } from "./receipts";
import { setCheckoutStatus } from "./set-checkout-status";

interface Bought {
  readonly item: Exclude<Item, { kind: "subscription" }>;
  readonly priceId: string;
  readonly quantity: number;
}

/**
 * The effect of a paid one-time session: its payment and its credits, once by the session's id,
 * whoever brings it (events, the success page, both at once). Webhook and success page share it. A
 * deleted account is granted nothing and refunded.
 */
export function fulfilSession(billing: BillingDeps, { session, lines }: LoadedSession): Effect {
  const bought = boughtIn(billing, lines);
  if (bought === null) return nothing(ignored("no price of ours in it"));
  if (bought === "mixed") return nothing(dead("it holds more than one kind of thing we sell"));
  return async (tx) => {
    const owner = await resolveUser(tx, {
      customerId: idOf(session.customer),
      sessionId: session.id,
      claims: claimsOf(session),
    });
    if ("refused" in owner) return owner.refused;
    const { userId, addressee: to } = owner;
    const now = billing.clock();
    const startAt = earlier(paymentInstant(session), now);
    if (!owner.isCustomerStored) {
      await linkStripeCustomer(tx, { userId, customerId: idOf(session.customer) });
    }
    const isGranted = to !== null;
    const expiresAt = expiryOf(bought, { startAt, now });
    // Each is once by its own key and hangs on none of the others, so they travel together.
    const [isNew] = await Promise.all([
      insertPayment(tx, { userId, session, bought, paidAt: startAt, isGranted }),
      setCheckoutStatus(tx, session.id, "paid"),
      to && sendPurchaseReceived(tx, { to, expiresAt, now, ...receiptOf(session, bought) }),
    ]);
    if (!isNew) return handled("granted already", userId);
    if (to === null) {
      const paymentIntentId = idOf(session.payment_intent);
      if (paymentIntentId !== null) {
        await refundForDeletion(tx, { userId, paid: { paymentIntentId }, now });
      }
      return handled("the account is deleted: nothing granted, refunded", userId);
    }
    if (bought.item.kind === "lifetime") await cancelSubscriptionsForLifetime(tx, { userId, now });
    const credits = grantOf(bought, { userId, sessionId: session.id, startAt, expiresAt, now });
    return handled(`${bought.item.id} × ${bought.quantity} granted`, userId, [credits]);
  };
}

/** What was bought, summed over the lines; null if nothing of ours, "mixed" if we can't tell. */
function boughtIn(
  billing: BillingDeps,
  lines: readonly Stripe.LineItem[],
): Bought | "mixed" | null {
  const ours = lines.flatMap((line): Bought[] => {
    const priceId = line.price?.id;
    const item = billing.prices.itemOf(priceId);
    if (priceId === undefined || item === null || item.kind === "subscription") return [];
    return [{ item, priceId, quantity: line.quantity ?? 1 }];
  });
  const [first] = ours;
  if (first === undefined) return null;
  if (ours.some((bought) => bought.priceId !== first.priceId)) return "mixed";
  return { ...first, quantity: ours.reduce((sum, bought) => sum + bought.quantity, 0) };
}

function creditsOf({ item, quantity }: Bought): number {
  return item.kind === "pack" ? item.credits * quantity : item.creditsPerMonth;
}

function receiptOf(session: Stripe.Checkout.Session, bought: Bought) {
  return {
    source: `checkout:${session.id}`,
    item: bought.item.id,
    credits: creditsOf(bought),
    amountCents: session.amount_total ?? 0,
    currency: session.currency ?? "usd",
  };
}

/** A pack's from the grant and not the payment: whoever had to wait for us loses no day. */
function expiryOf({ item }: Bought, { startAt, now }: { startAt: Date; now: Date }): Date | null {
  return item.kind === "pack"
    ? packExpiry(item.expireDays, now)
    : firstAllotmentExpiry({ anchorAt: startAt, now });
}

function grantOf(
  bought: Bought,
  {
    userId,
    sessionId,
    startAt,
    expiresAt,
    now,
  }: {
    userId: string;
    sessionId: string;
    startAt: Date;
    expiresAt: Date | null;
    now: Date;
  },
): CreditWrite {
  const amount = creditsOf(bought);
  if (bought.item.kind === "lifetime") {
    return (tx) =>
      grantLifetimeStart(tx, { userId, sessionId, credits: amount, anchorAt: startAt, now });
  }
  return (tx) =>
    grantCredits(tx, {
      userId,
      key: `checkout:${sessionId}:pack`,
      amount,
      type: "PURCHASE_PACKAGE",
      source: `checkout:${sessionId}`,
      expiresAt,
      paid: true,
      now,
    });
}

async function insertPayment(
  tx: Transaction,
  paid: {
    userId: string;
    session: Stripe.Checkout.Session;
    bought: Bought;
    paidAt: Date;
    isGranted: boolean;
  },
): Promise<boolean> {
  const { session, bought, isGranted } = paid;
  const isLifetime = isGranted && bought.item.kind === "lifetime";
  const inserted = await tx
    .insert(payment)
    .values({
      userId: paid.userId,
      id: `checkout:${session.id}`,
      sessionId: session.id,
      item: bought.item.id,
      priceId: bought.priceId,
      quantity: bought.quantity,
      amountCents: session.amount_total ?? 0,
      currency: session.currency ?? "usd",
      credits: isGranted ? creditsOf(bought) : 0,
      paymentIntentId: idOf(session.payment_intent),
      receiptUrl: chargeOf(session)?.receipt_url ?? null,
      memberFromAt: isLifetime ? paid.paidAt : null,
      memberUntilAt: isLifetime ? FOR_EVER : null,
      paidAt: paid.paidAt,
    })
    .onConflictDoNothing()
    .returning({ id: payment.id });
  return inserted.length > 0;
}
