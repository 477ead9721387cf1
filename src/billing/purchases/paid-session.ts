import { addHours } from "date-fns";
import { and, eq, inArray, isNull, notInArray } from "drizzle-orm";
import type Stripe from "stripe";
import type { Item } from "@/catalog/items";
import type { Transaction } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import { checkoutSession, type PaymentRefusal, payment } from "@/db/schema";
import { grantCredits, grantLifetimeStart, readFirstAllotmentExpiry } from "@/ledger/grant";
import type { BillingDeps } from "../deps";
import { applyEffect, type CreditWrite, dead, type Effect, handled, noEffect } from "../effect";
import {
  findCustomerOwner,
  linkStripeCustomer,
  resolveKnownUser,
  resolveUser,
  unknownPrice,
} from "../owner";
import { alignPlans } from "../reversals/align-purchase";
import { withReversals } from "../reversals/apply-reversals";
import { noneIfMissing } from "../stripe/call-stripe";
import { idOf, instantOf } from "../stripe/values";
import { refundForDeletion } from "../subscriptions/close-billing";
import { cancelSubscriptionsForLifetime } from "../subscriptions/end-for-lifetime";
import { FOREVER } from "../subscriptions/membership";
import { sendBillingChange, sendPurchaseReceived } from "./receipts";
import { isSecondLifetime, refuseSecondLifetime } from "./second-purchase";

/** A session as Stripe has it now. */
export interface LoadedSession {
  readonly session: Stripe.Checkout.Session;
  readonly lines: readonly Stripe.LineItem[];
  /** The invoice that Stripe issued after the payment; null if there is none, or not yet. */
  readonly invoice: Stripe.Invoice | null;
}

/**
 * Fetches a session with all its lines, its charge, through the payment intent, and the invoice of a
 * one-time purchase. `known`: its invoice, which the session may not name yet.
 */
export async function loadSession(
  billing: BillingDeps,
  id: string,
  known: Stripe.Invoice | null = null,
): Promise<LoadedSession> {
  const session = await billing.stripe.checkout.sessions.retrieve(id, {
    expand: ["line_items", "payment_intent.latest_charge", "invoice"],
  });
  const first = session.line_items;
  const lines =
    first === undefined || first.has_more
      ? await billing.stripe.checkout.sessions
          .listLineItems(id, { limit: 100 })
          .autoPagingToArray({ limit: 1000 })
      : first.data;
  await billing.prices.resolve(lines.map(({ price }) => price?.id));
  const issued = typeof session.invoice === "string" ? null : session.invoice;
  return { session, lines, invoice: issued ?? known };
}

/** Whether it is paid, or needs no payment (100% coupon). `complete` alone does not mean paid. */
export function isPaid(session: Stripe.Checkout.Session): boolean {
  return (
    session.status === "complete" &&
    (session.payment_status === "paid" || session.payment_status === "no_payment_required")
  );
}

/**
 * When the purchase was paid: the charge's time, or the session's if nothing was charged. A
 * lifetime's months count from it, so it comes from Stripe's objects and not from the event.
 */
export function paidAtOf(session: Stripe.Checkout.Session): Date {
  return instantOf(chargeOf(session)?.created ?? session.created);
}

/** The charge that `loadSession` expands; null if nothing was charged. */
export function chargeOf({
  payment_intent: intent,
}: Stripe.Checkout.Session): Stripe.Charge | null {
  const charge = intent !== null && typeof intent !== "string" ? intent.latest_charge : null;
  return charge !== null && typeof charge !== "string" ? charge : null;
}

/** Whether its bank debit failed. Stripe sends an event for it once. */
function hasFailedDebit({ status, payment_intent: intent }: Stripe.Checkout.Session): boolean {
  const isKnown = intent !== null && typeof intent !== "string";
  return status === "complete" && isKnown && intent.status === "requires_payment_method";
}

/**
 * The user ids that we wrote into the session. The reference id of a payment link does not count,
 * because the visitor can set it.
 */
export function claimsOf(session: Stripe.Checkout.Session): (string | null | undefined)[] {
  const reference = session.payment_link === null ? session.client_reference_id : null;
  return [reference, session.metadata?.userId];
}

/**
 * Returns the effect of a one-time session in the state that was loaded: grants it once it is paid, reports
 * a failed bank debit, and stores the status. `isFailed`: an event says that its debit failed.
 */
export async function prepareSession(
  billing: BillingDeps,
  loaded: LoadedSession,
  { isFailed = false }: { isFailed?: boolean } = {},
): Promise<Effect> {
  const { session } = loaded;
  if (isPaid(session)) return preparePaidSession(billing, loaded);
  const status =
    isFailed || hasFailedDebit(session)
      ? "failed"
      : session.status === "expired"
        ? "expired"
        : "complete";
  return async (tx) => {
    if (status === "failed") await notifyDebitFailed(tx, session, billing.clock());
    await setCheckoutStatus(tx, session.id, status);
    return handled(`not paid (${status}): nothing granted`, null);
  };
}

/** Updates our row of a session. `paid` and `failed` are final, because events arrive in any order. */
export async function setCheckoutStatus(
  tx: Transaction,
  id: string,
  status: "complete" | "paid" | "failed" | "expired",
): Promise<void> {
  const final = status === "paid" ? [] : ["paid", "failed"];
  await tx
    .update(checkoutSession)
    .set({ status })
    .where(and(eq(checkoutSession.id, id), notInArray(checkoutSession.status, final)));
}

/**
 * Reports that the bank debit of a session failed, once. Only for a session that the app created. Locks
 * the user's row.
 */
export async function notifyDebitFailed(
  tx: Transaction,
  session: Stripe.Checkout.Session,
  now: Date,
): Promise<void> {
  const [opened] = await tx
    .select({ userId: checkoutSession.userId, item: checkoutSession.item })
    .from(checkoutSession)
    .where(eq(checkoutSession.id, session.id));
  const owner = opened === undefined ? null : await lockUser(tx, opened.userId);
  if (opened === undefined || owner === null || owner.deletedAt !== null) return;
  await sendBillingChange(tx, {
    recipient: { ...owner, userId: owner.id },
    key: `checkout:${session.id}:debit-failed`,
    event: "debit-failed",
    item: opened.item,
    amountCents: session.amount_total ?? 0,
    currency: session.currency ?? "usd",
    endsPlan: false,
    now,
  });
}

/**
 * Returns the effect of a paid one-time session, including later refunds and disputes. The webhook
 * and the success page share it. For a lifetime, first applies the reversals of the user's other
 * lifetimes, because they decide whether it is a second one.
 */
export async function preparePaidSession(
  billing: BillingDeps,
  loaded: LoadedSession,
): Promise<Effect> {
  const { session } = loaded;
  const bought = boughtItem(billing, loaded.lines);
  if (bought !== null && bought !== "mixed" && bought.item.kind === "lifetime") {
    const userId = await findCustomerOwner(billing.db, idOf(session.customer));
    const others = {
      since: paidAtOf(session),
      except: `checkout:${session.id}`,
      lifetimesOnly: true,
    };
    if (userId !== null) await alignPlans(billing, { userId, ...others });
  }
  const purchase = {
    paymentId: `checkout:${session.id}`,
    invoiceId: loaded.invoice?.id ?? null,
    charge: chargeOf(session),
    creditedCents: loaded.invoice?.post_payment_credit_notes_amount ?? 0,
    // Used for a lifetime only: a pack has neither membership nor schedule to restore.
    paidUntil: FOREVER,
  };
  return withReversals(billing, purchase, fulfilSession(billing, loaded));
}

/**
 * Fulfils the paid sessions of a customer whose events have not arrived, each in its own transaction.
 * Only sessions from our checkout qualify, so that nothing from before QiFlow is granted.
 */
export async function fulfilPaidSessions(
  billing: BillingDeps,
  { customerId, since }: { customerId: string; since: Date },
): Promise<void> {
  const { db, stripe } = billing;
  const created = { gte: Math.floor(since.getTime() / 1000) };
  const sessions = await noneIfMissing(
    stripe.checkout.sessions
      .list({ customer: customerId, created, limit: 100 })
      .autoPagingToArray({ limit: 1000 }),
  );
  const paid = sessions.filter(
    (one) => one.mode === "payment" && isPaid(one) && one.metadata?.userId !== undefined,
  );
  const recorded = await db
    .select({ sessionId: payment.sessionId })
    .from(payment)
    .where(
      inArray(
        payment.sessionId,
        paid.map(({ id }) => id),
      ),
    );
  const known = new Set(recorded.map(({ sessionId }) => sessionId));
  for (const { id } of paid.reverse()) {
    if (known.has(id)) continue;
    await applyEffect(billing, await preparePaidSession(billing, await loadSession(billing, id)));
  }
}

/**
 * The payment and its credits, written once per session id. A second lifetime and a deleted account
 * get a refund instead of credits. An invoice that was not known then is added to the payment.
 */
function fulfilSession(billing: BillingDeps, { session, lines, invoice }: LoadedSession): Effect {
  const bought = boughtItem(billing, lines);
  if (bought === null) return refuseUnknownPrice({ session, lines });
  if (bought === "mixed") return noEffect(dead("contains more than one of our prices"));
  if (bought.item.kind === "lifetime" && bought.quantity > 1) {
    return noEffect(dead(`contains a lifetime ${bought.quantity} times; one can be held`));
  }
  return async (tx) => {
    const owner = await resolveUser(tx, {
      customerId: idOf(session.customer),
      sessionId: session.id,
      claims: claimsOf(session),
    });
    if ("refused" in owner) return owner.refused;
    const { userId, recipient } = owner;
    const now = billing.clock();
    const paidAt = paidAtOf(session);
    if (!owner.isCustomerStored) {
      await linkStripeCustomer(tx, { userId, customerId: idOf(session.customer) });
    }
    const paymentId = `checkout:${session.id}`;
    const isLifetime = bought.item.kind === "lifetime";
    const [expiresAt, isSecond] = await Promise.all([
      readExpiry(tx, bought, { paidAt, now }),
      isLifetime && isSecondLifetime(tx, { userId, paymentId }),
    ]);
    const refusal = recipient === null ? "deleted" : isSecond ? "second" : null;
    // Independent of each other and idempotent by their own keys, so they share a round trip.
    const [isNew] = await Promise.all([
      insertPayment(tx, { userId, session, invoice, bought, paidAt, refusal }),
      setCheckoutStatus(tx, session.id, "paid"),
      recipient !== null &&
        refusal === null &&
        sendPurchaseReceived(tx, {
          recipient,
          expiresAt,
          contract: { sessionId: session.id },
          now,
          ...receiptOf(session, bought),
        }),
    ]);
    if (!isNew) {
      if (invoice !== null) await addInvoice(tx, { paymentId, invoiceId: invoice.id });
      return handled("already granted", userId);
    }
    const paymentIntentId = idOf(session.payment_intent);
    if (recipient === null) {
      if (paymentIntentId !== null) {
        await refundForDeletion(tx, { userId, paid: { paymentIntentId }, now });
      }
      return handled("account deleted: refunded, nothing granted", userId);
    }
    if (isSecond) {
      const paid = receiptOf(session, bought);
      await refuseSecondLifetime(tx, { recipient, paymentIntentId, now, ...paid });
      return handled("second lifetime: refunded, nothing granted", userId);
    }
    if (isLifetime) await cancelSubscriptionsForLifetime(tx, { userId, now });
    const credits = grantOf(bought, { userId, sessionId: session.id, paidAt, expiresAt, now });
    return handled(`${bought.item.id} × ${bought.quantity} granted`, userId, [credits]);
  };
}

function refuseUnknownPrice({ session, lines }: Omit<LoadedSession, "invoice">): Effect {
  return async (tx) => {
    const owner = await resolveKnownUser(tx, {
      customerId: idOf(session.customer),
      sessionId: session.id,
      claims: claimsOf(session),
    });
    if ("refused" in owner) return owner.refused;
    const priceIds = lines.flatMap(({ price }) => price?.id ?? []);
    return unknownPrice(priceIds, owner.userId);
  };
}

interface Bought {
  readonly item: Exclude<Item, { kind: "subscription" }>;
  readonly priceId: string;
  readonly quantity: number;
}

/** Sums the lines of our price. Null without a price of ours, "mixed" with more than one. */
function boughtItem(
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

/** A pack's validity counts from the grant, so a late grant costs the buyer no time. */
async function readExpiry(
  tx: Transaction,
  { item }: Bought,
  { paidAt, now }: { paidAt: Date; now: Date },
): Promise<Date | null> {
  if (item.kind !== "pack") {
    const { graceHours } = item;
    return readFirstAllotmentExpiry(tx, { anchorAt: paidAt, graceHours, now });
  }
  return item.expireDays === null ? null : addHours(now, item.expireDays * 24);
}

async function insertPayment(
  tx: Transaction,
  paid: {
    userId: string;
    session: Stripe.Checkout.Session;
    invoice: Stripe.Invoice | null;
    bought: Bought;
    paidAt: Date;
    refusal: PaymentRefusal | null;
  },
): Promise<boolean> {
  const { session, invoice, bought, refusal } = paid;
  const isGranted = refusal === null;
  const isLifetime = isGranted && bought.item.kind === "lifetime";
  const inserted = await tx
    .insert(payment)
    .values({
      userId: paid.userId,
      id: `checkout:${session.id}`,
      sessionId: session.id,
      invoiceId: invoice?.id ?? null,
      item: bought.item.id,
      priceId: bought.priceId,
      quantity: bought.quantity,
      amountCents: session.amount_total ?? 0,
      currency: session.currency ?? "usd",
      credits: isGranted ? creditsOf(bought) : 0,
      refusal,
      paymentIntentId: idOf(session.payment_intent),
      // It shows the payer's name.
      receiptUrl: refusal === "deleted" ? null : (chargeOf(session)?.receipt_url ?? null),
      memberFromAt: isLifetime ? paid.paidAt : null,
      memberUntilAt: isLifetime ? FOREVER : null,
      paidAt: paid.paidAt,
    })
    .onConflictDoNothing()
    .returning({ id: payment.id });
  return inserted.length > 0;
}

async function addInvoice(
  tx: Transaction,
  { paymentId, invoiceId }: { paymentId: string; invoiceId: string },
): Promise<void> {
  await tx
    .update(payment)
    .set({ invoiceId })
    .where(and(eq(payment.id, paymentId), isNull(payment.invoiceId)));
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

function grantOf(
  bought: Bought,
  granted: {
    userId: string;
    sessionId: string;
    paidAt: Date;
    expiresAt: Date | null;
    now: Date;
  },
): CreditWrite {
  const { userId, sessionId, paidAt, expiresAt, now } = granted;
  const credits = creditsOf(bought);
  if (bought.item.kind === "lifetime") {
    const { graceHours } = bought.item;
    const start = { userId, sessionId, credits, anchorAt: paidAt, graceHours, now };
    return (tx) => grantLifetimeStart(tx, start);
  }
  return (tx) =>
    grantCredits(tx, {
      userId,
      key: `checkout:${sessionId}:pack`,
      amount: credits,
      type: "PURCHASE_PACKAGE",
      source: `checkout:${sessionId}`,
      expiresAt,
      paid: true,
      now,
    });
}
