import { compareAsc, differenceInSeconds, getUnixTime, subSeconds } from "date-fns";
import { secondsInDay, secondsInMinute } from "date-fns/constants";
import { and, desc, eq, inArray, isNotNull } from "drizzle-orm";
import type Stripe from "stripe";
import { payment } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { applyEffect, dead, type Effect, noEffect } from "../effect";
import { findCustomerOwner, resolveKnownUser } from "../owner";
import { alignPlans, alignPurchase } from "../reversals/align-purchase";
import { withReversals } from "../reversals/apply-reversals";
import { idOf, instantOf } from "../stripe/values";
import { endedAtOf } from "../subscriptions/live-subscriptions";
import { type FetchedSubscription, fetchSubscription } from "../subscriptions/sync-subscription";
import { CATCH_UP_SECONDS, fulfilInvoice, type InvoiceOfSubscription } from "./fulfil-invoice";
import { boughtPeriodOf, isPaidLate } from "./late-payment";
import {
  type LoadedInvoice,
  loadInvoice,
  paymentIntentOf,
  subscriptionIdOf,
  switchLineOf,
} from "./load-invoice";
import { paidAtOf } from "./paid-period";
import { fulfilPaidSessions, loadSession, prepareSession } from "./paid-session";
import { PeriodNotPaid } from "./switch-within-period";

/**
 * Loads a paid invoice and returns its effect, including later refunds and disputes. The webhook and
 * the success page share it. First fulfils the subscription's unrecorded invoices that were paid before it
 * and, for a switch of plans, applies its reversals, because what a switch grants depends on what was
 * granted and returned before.
 */
export async function preparePaidInvoice(billing: BillingDeps, invoiceId: string): Promise<Effect> {
  const loaded = await loadInvoice(billing, invoiceId);
  const subscriptionId = subscriptionIdOf(loaded.invoice);
  if (subscriptionId === null) return prepareOneOffInvoice(billing, loaded);
  const { invoice } = loaded;
  const fetched = await fetchSubscription(billing, subscriptionId);
  if (invoice.billing_reason === "subscription_update") {
    await alignLastPeriod(billing, subscriptionId);
  }
  const unrecorded = wasPaidAtOnce(invoice)
    ? []
    : await listUnrecorded(billing, { fetched, paidBy: paidAtOf(invoice) });
  const others = unrecorded.filter(({ id }) => id !== invoice.id);
  const index = unrecorded.findIndex(({ id }) => id === invoice.id);
  const earlier = index === -1 ? others : others.slice(0, index);
  await fulfilAll(billing, { invoices: earlier, fetched });
  // What waited for this invoice, or was paid in the same second.
  const waiting = await withoutRecorded(billing, others);
  if (waiting.length === 0) return prepareInvoice(billing, { loaded, fetched });
  const outcome = await applyEffect(billing, await prepareInvoice(billing, { loaded, fetched }));
  if (outcome.status === "handled") {
    // Their events may be closed, so a failure must keep this one open.
    for (const { id } of waiting) await fulfilAnother(billing, { id, fetched });
  }
  return noEffect({ ...outcome, credits: [] });
}

/** Fulfils the paid switches of a subscription that has ended, which waited for their period's payment. */
export async function fulfilWaitingSwitches(
  billing: BillingDeps,
  fetched: FetchedSubscription,
): Promise<void> {
  const paidBy = endedAtOf(fetched.subscription) ?? billing.clock();
  const unrecorded = await listUnrecorded(billing, { fetched, paidBy });
  const invoices = unrecorded.filter((one) => one.billing_reason === "subscription_update");
  await fulfilAll(billing, { invoices, fetched });
}

/** Whether no other invoice of a new subscription can have been paid before this one. */
function wasPaidAtOnce(invoice: Stripe.Invoice): boolean {
  const seconds = differenceInSeconds(paidAtOf(invoice), instantOf(invoice.created));
  return invoice.billing_reason === "subscription_create" && seconds < secondsInMinute;
}

/** Fulfils invoices, each in its own transaction. */
async function fulfilAll(
  billing: BillingDeps,
  { invoices, fetched }: { invoices: readonly Stripe.Invoice[]; fetched: FetchedSubscription },
): Promise<void> {
  for (const { id } of invoices) {
    try {
      await fulfilAnother(billing, { id, fetched });
    } catch (error) {
      // Its own event is retried. It must not block the payment that it waits for.
      if (!(error instanceof PeriodNotPaid)) throw error;
    }
  }
}

async function fulfilAnother(
  billing: BillingDeps,
  { id, fetched }: { id: string; fetched: FetchedSubscription },
): Promise<void> {
  const loaded = await loadInvoice(billing, id);
  await applyEffect(billing, await prepareInvoice(billing, { loaded, fetched }));
}

/**
 * Applies the reversals of the subscription's last recorded period, and of the switches within it, whose
 * events have not arrived.
 */
async function alignLastPeriod(billing: BillingDeps, subscriptionId: string): Promise<void> {
  const newestFirst = await billing.db
    .select({
      paymentId: payment.id,
      invoiceId: payment.invoiceId,
      paymentIntent: payment.paymentIntentId,
      fromPriceId: payment.switchedFromPriceId,
    })
    .from(payment)
    .where(and(eq(payment.subscriptionId, subscriptionId), isNotNull(payment.memberFromAt)))
    .orderBy(desc(payment.memberFromAt));
  const period = newestFirst.findIndex(({ fromPriceId }) => fromPriceId === null);
  for (const last of newestFirst.slice(0, period + 1)) {
    await applyEffect(billing, await alignPurchase(billing, last));
  }
}

async function prepareInvoice(
  billing: BillingDeps,
  { loaded, fetched }: InvoiceOfSubscription,
): Promise<Effect> {
  const { invoice } = loaded;
  if (isPaidLate(invoice, endedAtOf(fetched.subscription))) {
    await refreshForLatePayment(billing, invoice);
  }
  const fulfil = await fulfilInvoice(billing, { loaded, fetched });
  const purchase = {
    paymentId: `invoice:${invoice.id}`,
    invoiceId: invoice.id,
    charge: await loadCharge(billing, paymentIntentOf(invoice)),
    creditedCents: invoice.post_payment_credit_notes_amount,
    paidUntil:
      (
        boughtPeriodOf(billing, loaded, endedAtOf(fetched.subscription)) ??
        switchLineOf(billing, loaded)
      )?.endsAt ?? null,
  };
  return withReversals(billing, purchase, fulfil);
}

/** Brings what a late payment depends on up to date: the user's lifetimes, and reversals of their plans. */
async function refreshForLatePayment(billing: BillingDeps, invoice: Stripe.Invoice): Promise<void> {
  const customerId = idOf(invoice.customer);
  if (customerId === null) return;
  const paidAt = paidAtOf(invoice);
  await fulfilPaidSessions(billing, { customerId, since: subSeconds(paidAt, CATCH_UP_SECONDS) });
  const userId = await findCustomerOwner(billing.db, customerId);
  if (userId === null) return;
  await alignPlans(billing, { userId, since: paidAt, except: `invoice:${invoice.id}` });
}

/**
 * The subscription's unrecorded invoices that were paid by an instant, in the order of their payments, by
 * Stripe's clock. Only subscriptions from our checkout qualify, so that nothing from before QiFlow is granted.
 */
async function listUnrecorded(
  billing: BillingDeps,
  { fetched: { subscription }, paidBy }: { fetched: FetchedSubscription; paidBy: Date },
): Promise<Stripe.Invoice[]> {
  if (!subscription.metadata.userId) return [];
  const newestFirst = await billing.stripe.invoices
    .list({
      subscription: subscription.id,
      status: "paid",
      created: { gte: getUnixTime(paidBy) - CATCH_UP_SECONDS },
      limit: 100,
    })
    .autoPagingToArray({ limit: 1000 });
  // Lists are newest first, even within one second. The sort is stable.
  const inOrder = newestFirst
    .reverse()
    .filter((invoice) => paidAtOf(invoice) <= paidBy)
    .sort((a, b) => compareAsc(paidAtOf(a), paidAtOf(b)));
  return withoutRecorded(billing, inOrder);
}

async function withoutRecorded(
  { db }: BillingDeps,
  invoices: readonly Stripe.Invoice[],
): Promise<Stripe.Invoice[]> {
  if (invoices.length === 0) return [];
  const ids = invoices.map(({ id }) => id);
  const recorded = await db
    .select({ invoiceId: payment.invoiceId })
    .from(payment)
    .where(inArray(payment.invoiceId, ids));
  const known = new Set(recorded.map((row) => row.invoiceId));
  return invoices.filter(({ id }) => !known.has(id));
}

/**
 * The invoice of a one-time purchase is a hint about its session, which grants. Without a session, an
 * operator or another product has issued the invoice.
 */
async function prepareOneOffInvoice(
  billing: BillingDeps,
  { invoice }: LoadedInvoice,
): Promise<Effect> {
  const sessionId = await findSessionOf(billing, invoice);
  if (sessionId !== null) {
    return prepareSession(billing, await loadSession(billing, sessionId, invoice));
  }
  return async (tx) => {
    const owner = await resolveKnownUser(tx, { customerId: idOf(invoice.customer), claims: [] });
    if ("refused" in owner) return owner.refused;
    return dead("paid by one of our customers, but not a subscription's invoice", owner.userId);
  };
}

/** The one-time session after whose payment Stripe issued an invoice; null if there is none. */
async function findSessionOf(
  { stripe }: BillingDeps,
  invoice: Stripe.Invoice,
): Promise<string | null> {
  const intent = idOf(invoice.payments?.data[0]?.payment.payment_intent);
  const customer = idOf(invoice.customer);
  if (intent !== null) {
    const { data } = await stripe.checkout.sessions.list({ payment_intent: intent, limit: 1 });
    return data.find(({ mode }) => mode === "payment")?.id ?? null;
  }
  if (customer === null) return null;
  // A free order has no payment. Its page was open for a day at most.
  const created = { gte: invoice.created - secondsInDay };
  const sessions = await stripe.checkout.sessions
    .list({ customer, created, limit: 100 })
    .autoPagingToArray({ limit: 1000 });
  const bought = sessions.find(
    (session) => session.mode === "payment" && idOf(session.invoice) === invoice.id,
  );
  return bought?.id ?? null;
}

async function loadCharge(
  { stripe }: BillingDeps,
  paymentIntentId: string | null,
): Promise<Stripe.Charge | null> {
  if (paymentIntentId === null) return null;
  const intent = await stripe.paymentIntents.retrieve(paymentIntentId, {
    expand: ["latest_charge"],
  });
  return typeof intent.latest_charge === "string" ? null : intent.latest_charge;
}
