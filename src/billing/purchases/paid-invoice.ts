import { subSeconds } from "date-fns";
import { secondsInDay } from "date-fns/constants";
import { and, desc, eq, isNotNull } from "drizzle-orm";
import type Stripe from "stripe";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { applyEffect, dead, type Effect, handled, ignored, noEffect } from "../effect";
import {
  findCustomerOwner,
  linkStripeCustomer,
  resolveKnownUser,
  resolveUser,
  unknownPrice,
} from "../owner";
import { alignPlans, alignPurchase } from "../reversals/align-purchase";
import { withReversals } from "../reversals/apply-reversals";
import { idOf } from "../stripe/values";
import { refundForDeletion } from "../subscriptions/close-billing";
import { endedAtOf } from "../subscriptions/live-subscriptions";
import {
  type FetchedSubscription,
  fetchSubscription,
  syncSubscription,
} from "../subscriptions/sync-subscription";
import { boughtPeriodOf, hasOtherPlan, isPaidLate, refundLatePayment } from "./late-payment";
import { findLeavingSwitch, startLeftPeriod } from "./left-period";
import {
  balanceCentsOf,
  hasNewQuantity,
  type LoadedInvoice,
  loadInvoice,
  paymentIntentOf,
  planOf,
  subscriptionIdOf,
  switchLineOf,
  unknownPricesOf,
} from "./load-invoice";
import { insertInvoicePayment, paidAtOf, startPeriod } from "./paid-period";
import { fulfilPaidSessions } from "./paid-session";
import { isSecondSubscription, listSiblings, refuseSecondSubscription } from "./second-purchase";
import { switchPlan } from "./switch-plan";
import { PeriodNotPaid, switchWithinPeriod } from "./switch-within-period";
import { startTrial } from "./trial";

/** How far back an unrecorded purchase is looked for: as long as Stripe keeps events. */
export const CATCH_UP_SECONDS = 30 * secondsInDay;

/** Why Stripe bills a subscription's regular period, as opposed to a correction or a one-off. */
const PERIOD_REASONS: readonly (string | null)[] = ["subscription_create", "subscription_cycle"];

/**
 * Loads a paid invoice and returns its effect, including later refunds and disputes. The webhook and
 * the success page share it. First fulfils earlier unrecorded invoices of the subscription and, for a
 * switch of plans, applies its reversals, because what a switch grants depends on what was granted and
 * returned before.
 */
export async function preparePaidInvoice(billing: BillingDeps, invoiceId: string): Promise<Effect> {
  const loaded = await loadInvoice(billing, invoiceId);
  const subscriptionId = subscriptionIdOf(loaded.invoice);
  if (subscriptionId === null) return refuseOneOffInvoice(loaded);
  const fetched = await fetchSubscription(billing, subscriptionId);
  await fulfilEarlierInvoices(billing, { loaded, fetched });
  return prepareInvoice(billing, { loaded, fetched });
}

interface InvoiceOfSubscription {
  readonly loaded: LoadedInvoice;
  readonly fetched: FetchedSubscription;
}

/**
 * Fulfils the subscription's earlier paid invoices, each in its own transaction. Only subscriptions
 * from our checkout qualify, so that nothing from before QiFlow is granted.
 */
async function fulfilEarlierInvoices(
  billing: BillingDeps,
  { loaded: { invoice }, fetched }: InvoiceOfSubscription,
): Promise<void> {
  const { subscription } = fetched;
  if (invoice.billing_reason === "subscription_update") {
    await alignLastPeriod(billing, subscription.id);
  }
  if (invoice.billing_reason === "subscription_create" || !subscription.metadata.userId) return;
  const earlier = await listEarlierInvoices(billing, { invoice, subscriptionId: subscription.id });
  for (const { id } of earlier) {
    const loaded = await loadInvoice(billing, id);
    try {
      await applyEffect(billing, await prepareInvoice(billing, { loaded, fetched }));
    } catch (error) {
      // Its own event is retried. It must not block the payment that it waits for.
      if (!(error instanceof PeriodNotPaid)) throw error;
    }
  }
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

/** The subscription's paid, unrecorded invoices from before this one, oldest first. */
async function listEarlierInvoices(
  billing: BillingDeps,
  { invoice, subscriptionId }: { invoice: Stripe.Invoice; subscriptionId: string },
): Promise<Stripe.Invoice[]> {
  const since = invoice.created - CATCH_UP_SECONDS;
  const paid = await billing.stripe.invoices
    .list({ subscription: subscriptionId, status: "paid", created: { gte: since }, limit: 100 })
    .autoPagingToArray({ limit: 1000 });
  const recorded = await billing.db
    .select({ invoiceId: payment.invoiceId })
    .from(payment)
    .where(eq(payment.subscriptionId, subscriptionId));
  const known = new Set(recorded.map((row) => row.invoiceId));
  // Lists are newest first, even within one second.
  const at = paid.findIndex(({ id }) => id === invoice.id);
  const earlier = at === -1 ? [] : paid.slice(at + 1);
  return earlier.reverse().filter(({ id }) => !known.has(id));
}

/** QiFlow opens no such invoice; an operator did, or another product. */
function refuseOneOffInvoice({ invoice }: LoadedInvoice): Effect {
  return async (tx) => {
    const owner = await resolveKnownUser(tx, { customerId: idOf(invoice.customer), claims: [] });
    if ("refused" in owner) return owner.refused;
    return dead("paid by a customer of ours, but not a subscription's invoice", owner.userId);
  };
}

/**
 * Returns the effect of a paid invoice, applied once per invoice id: its payment, its period's
 * allotment and, for a year, the schedule of the other months.
 *
 * A period that costs nothing before discounts is a trial (trial.ts); a 100% coupon grants.
 * Proration lines grant only for a switch to a higher tier (switch-within-period.ts). A deleted account
 * gets a refund instead of credits. A payment after the subscription's end follows late-payment.ts.
 */
async function fulfilInvoice(
  billing: BillingDeps,
  { loaded, fetched }: InvoiceOfSubscription,
): Promise<Effect> {
  const { invoice } = loaded;
  const { subscription } = fetched;
  const endedAt = endedAtOf(subscription);
  const isLate = isPaidLate(invoice, endedAt);
  const siblings = await loadSiblings(billing, { loaded, fetched });
  const plan = planOf(billing, loaded);
  if (invoice.status !== "paid") return noEffect(ignored(`the invoice is ${invoice.status}`));
  const unknown = unknownPricesOf(billing, loaded, subscription);
  if (unknown.length > 0 && boughtPeriodOf(billing, loaded, endedAt) === null) {
    return refuseUnknownPrice(billing, { loaded, fetched }, unknown);
  }
  if (plan === null) return noEffect(ignored("bills another item of the subscription"));
  return async (tx) => {
    const owner = await resolveUser(tx, ownerHints({ loaded, fetched }));
    if ("refused" in owner) return owner.refused;
    const { userId, deletedAt, recipient } = owner;
    const now = billing.clock();
    const isSecond = await isSecondSubscription(tx, { userId, subscription, siblings });
    if (!owner.isCustomerStored) {
      await linkStripeCustomer(tx, { userId, customerId: idOf(invoice.customer) });
    }
    const ends = await syncSubscription(tx, billing, { ...fetched, userId, deletedAt });
    if (await isRecorded(tx, invoice.id)) return handled("already granted", userId, ends);

    const period = boughtPeriodOf(billing, loaded, endedAt);
    const facts = { userId, invoice, subscription, plan, now };
    const nothing = { ...facts, period: null, credits: 0 };
    if (recipient === null) {
      await insertInvoicePayment(tx, { ...nothing, refusal: "deleted" });
      if (invoice.amount_paid > 0 || balanceCentsOf(invoice) > 0) {
        await refundForDeletion(tx, { userId, paid: { invoiceId: invoice.id }, now });
      }
      return handled("account deleted: refunded, nothing granted", userId, ends);
    }
    const paidInvoice = { ...facts, recipient };
    const line =
      invoice.billing_reason === "subscription_update" && !hasNewQuantity(billing, loaded)
        ? switchLineOf(billing, loaded)
        : null;
    if (isLate && period === null && line !== null) {
      await insertInvoicePayment(tx, { ...nothing, refusal: "late" });
      await refundLatePayment(tx, paidInvoice);
      return handled(
        "switched after the subscription's end: refunded, nothing granted",
        userId,
        ends,
      );
    }
    const other = { userId, invoice, subscriptionId: subscription.id, siblings };
    if (isLate && period !== null && (await hasOtherPlan(tx, other))) {
      await insertInvoicePayment(tx, { ...nothing, refusal: "late" });
      await refundLatePayment(tx, paidInvoice);
      return handled("paid after the subscription's end: refunded, nothing granted", userId, ends);
    }
    if (isSecond && !isLate) {
      await insertInvoicePayment(tx, { ...nothing, refusal: "second" });
      await refuseSecondSubscription(tx, paidInvoice);
      return handled("second subscription: cancelled and refunded, nothing granted", userId, ends);
    }
    if (period !== null && period.subtotalCents <= 0) {
      const { firstChargeCents } = fetched;
      const { note, credits } = await startTrial(tx, { ...paidInvoice, period, firstChargeCents });
      return handled(note, userId, [...credits, ...ends]);
    }
    if (isLate && period !== null) {
      const credits = await startPeriod(tx, { ...paidInvoice, period, isLate });
      return handled(`${period.item.id} granted from the late payment on`, userId, [
        ...credits,
        ...ends,
      ]);
    }
    if (PERIOD_REASONS.includes(invoice.billing_reason) && period !== null) {
      const left = await findLeavingSwitch(tx, { subscriptionId: subscription.id, period });
      const credits =
        left === null
          ? await startPeriod(tx, { ...paidInvoice, period })
          : await startLeftPeriod(tx, { ...paidInvoice, period, left });
      const note = left === null ? "granted" : "granted until the switch that has left it";
      return handled(`${period.item.id} ${note}`, userId, [...credits, ...ends]);
    }
    if (invoice.billing_reason === "subscription_update" && period !== null) {
      const credits = await switchPlan(tx, { ...paidInvoice, period });
      return handled(`switched to ${period.item.id}`, userId, [...credits, ...ends]);
    }
    if (invoice.amount_paid > 0 && hasNewQuantity(billing, loaded)) {
      const note = "bills another quantity within a period: nothing granted before the next one";
      return { ...dead(note, userId), credits: ends };
    }
    if (line !== null) {
      const credits = await switchWithinPeriod(tx, { ...paidInvoice, line });
      return handled(`switched to ${line.item.id} for the rest of the period`, userId, [
        ...credits,
        ...ends,
      ]);
    }
    await insertInvoicePayment(tx, nothing);
    return handled("a correction: nothing granted", userId, ends);
  };
}

/**
 * Without one of our prices, a known subscription is mirrored and its invoice becomes a dead letter. An
 * unknown subscription's invoice is ignored.
 */
function refuseUnknownPrice(
  billing: BillingDeps,
  { loaded, fetched }: InvoiceOfSubscription,
  priceIds: readonly string[],
): Effect {
  return async (tx) => {
    const owner = await resolveKnownUser(tx, ownerHints({ loaded, fetched }));
    if ("refused" in owner) return owner.refused;
    const { userId, deletedAt } = owner;
    const credits = await syncSubscription(tx, billing, { ...fetched, userId, deletedAt });
    if (await isRecorded(tx, loaded.invoice.id)) return handled("already granted", userId, credits);
    return { ...unknownPrice(priceIds, userId), credits };
  };
}

function ownerHints({ loaded: { invoice }, fetched: { subscription } }: InvoiceOfSubscription) {
  return {
    customerId: idOf(invoice.customer),
    subscriptionId: subscription.id,
    claims: [invoice.parent?.subscription_details?.metadata?.userId, subscription.metadata.userId],
  };
}

/**
 * The customer's other live subscriptions, for a late payment those at its instant. Only first invoices
 * and late payments need them.
 */
async function loadSiblings(
  billing: BillingDeps,
  { loaded, fetched: { subscription } }: InvoiceOfSubscription,
): Promise<readonly Stripe.Subscription[]> {
  const { invoice } = loaded;
  const customerId = idOf(subscription.customer);
  const isFirst = invoice.billing_reason === "subscription_create";
  const at = isPaidLate(invoice, endedAtOf(subscription)) ? paidAtOf(invoice) : null;
  if ((!isFirst && at === null) || customerId === null) return [];
  return listSiblings(billing, { customerId, subscriptionId: subscription.id, at });
}

async function isRecorded(tx: Transaction, invoiceId: string): Promise<boolean> {
  const [row] = await tx
    .select({ id: payment.id })
    .from(payment)
    .where(eq(payment.id, `invoice:${invoiceId}`));
  return row !== undefined;
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
