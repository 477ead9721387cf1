import { compareAsc, differenceInSeconds, getUnixTime, subSeconds } from "date-fns";
import { secondsInDay, secondsInMinute } from "date-fns/constants";
import { and, desc, eq, inArray, isNotNull } from "drizzle-orm";
import type Stripe from "stripe";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import type { BillingDeps } from "../deps";
import {
  applyEffect,
  dead,
  type Effect,
  handled,
  ignored,
  noEffect,
  type Outcome,
} from "../effect";
import {
  findCustomerOwner,
  linkStripeCustomer,
  resolveKnownUser,
  resolveUser,
  unknownPrice,
} from "../owner";
import { alignPlans, alignPurchase } from "../reversals/align-purchase";
import { withReversals } from "../reversals/apply-reversals";
import { idOf, instantOf } from "../stripe/values";
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
  type PlanLine,
  paymentIntentOf,
  planOf,
  type SwitchLine,
  subscriptionIdOf,
  switchLineOf,
  unknownPricesOf,
} from "./load-invoice";
import { insertInvoicePayment, type PaidInvoice, paidAtOf, startPeriod } from "./paid-period";
import { fulfilPaidSessions } from "./paid-session";
import type { Recipient } from "./receipts";
import { isSecondSubscription, listSiblings, refuseSecondSubscription } from "./second-purchase";
import { switchPlan } from "./switch-plan";
import { PeriodNotPaid, switchWithinPeriod } from "./switch-within-period";
import { startTrial } from "./trial";

/** How far back an unrecorded purchase is looked for: as long as Stripe keeps events. */
export const CATCH_UP_SECONDS = 30 * secondsInDay;

/** An invoice that can still be paid. */
const UNPAID_STATUSES = ["draft", "open", "uncollectible"];

/** Why Stripe bills a subscription's regular period, as opposed to a correction or a one-off. */
const PERIOD_REASONS: readonly (string | null)[] = ["subscription_create", "subscription_cycle"];

/**
 * Loads a paid invoice and returns its effect, including later refunds and disputes. The webhook and
 * the success page share it. First fulfils the subscription's unrecorded invoices that were paid before it
 * and, for a switch of plans, applies its reversals, because what a switch grants depends on what was
 * granted and returned before.
 */
export async function preparePaidInvoice(billing: BillingDeps, invoiceId: string): Promise<Effect> {
  const loaded = await loadInvoice(billing, invoiceId);
  const subscriptionId = subscriptionIdOf(loaded.invoice);
  if (subscriptionId === null) return refuseOneOffInvoice(loaded);
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

interface InvoiceOfSubscription {
  readonly loaded: LoadedInvoice;
  readonly fetched: FetchedSubscription;
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
 * A deleted account, a second subscription and a late payment of a user with another plan get a refund
 * instead of credits (`refuse`). `grant` has the other cases.
 */
async function fulfilInvoice(
  billing: BillingDeps,
  { loaded, fetched }: InvoiceOfSubscription,
): Promise<Effect> {
  const { invoice } = loaded;
  const { subscription } = fetched;
  const endedAt = endedAtOf(subscription);
  const period = boughtPeriodOf(billing, loaded, endedAt);
  const siblings = await loadSiblings(billing, { loaded, fetched });
  const plan = planOf(billing, loaded);
  if (invoice.status !== "paid") return noEffect(ignored(`the invoice is ${invoice.status}`));
  const unknown = unknownPricesOf(billing, loaded, subscription);
  if (unknown.length > 0 && period === null) {
    return refuseUnknownPrice(billing, { loaded, fetched }, unknown);
  }
  if (plan === null) return noEffect(ignored("bills another item of the subscription"));
  const billed: Billed = {
    period,
    line: lineOf(billing, loaded),
    isLate: isPaidLate(invoice, endedAt),
    hasEnded: endedAt !== null,
    hasNewQuantity: hasNewQuantity(billing, loaded),
    waits: await waitsForPeriod(billing, { loaded, period }),
    siblings,
    firstChargeCents: fetched.firstChargeCents,
  };
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
    const paid = { userId, recipient, invoice, subscription, plan, now };
    const refusal = await refuse(tx, paid, { ...billed, isSecond });
    if (refusal !== null) return handled(`${refusal}, nothing granted`, userId, ends);
    if (recipient === null) throw new Error(`Invoice ${invoice.id} has no recipient.`);
    const outcome = await grant(tx, { ...paid, recipient }, billed);
    return { ...outcome, credits: [...outcome.credits, ...ends] };
  };
}

/** What an invoice bills. */
interface Billed {
  /** The period that it buys; null if it buys none. */
  readonly period: PlanLine | null;
  /** The switch within a running period that it bills; null if it bills none. */
  readonly line: SwitchLine | null;
  /** Whether it was paid after the subscription's end. */
  readonly isLate: boolean;
  readonly hasEnded: boolean;
  readonly hasNewQuantity: boolean;
  /** Whether the period of `line` is still to be paid. */
  readonly waits: boolean;
  readonly siblings: readonly Stripe.Subscription[];
  readonly firstChargeCents: FetchedSubscription["firstChargeCents"];
}

function lineOf(billing: BillingDeps, loaded: LoadedInvoice): SwitchLine | null {
  const isSwitch = loaded.invoice.billing_reason === "subscription_update";
  return isSwitch && !hasNewQuantity(billing, loaded) ? switchLineOf(billing, loaded) : null;
}

/**
 * Whether an older invoice of the subscription is still to be paid, for example by a bank debit or in the
 * hour between a renewal and its charge. Only a switch within a period depends on it.
 */
async function waitsForPeriod(
  billing: BillingDeps,
  { loaded, period }: { loaded: LoadedInvoice; period: PlanLine | null },
): Promise<boolean> {
  const subscription = subscriptionIdOf(loaded.invoice);
  if (subscription === null || period !== null || lineOf(billing, loaded) === null) return false;
  const { created } = loaded.invoice;
  const invoices = await billing.stripe.invoices
    .list({ subscription, created: { gte: created - CATCH_UP_SECONDS }, limit: 100 })
    .autoPagingToArray({ limit: 1000 });
  return invoices.some(
    (one) => one.created <= created && one.status !== null && UNPAID_STATUSES.includes(one.status),
  );
}

/**
 * Records and refunds an invoice that must grant nothing, and cancels a second subscription. Returns the
 * reason, or null if the invoice is to be granted.
 */
async function refuse(
  tx: Transaction,
  { recipient, ...paid }: Omit<PaidInvoice, "recipient"> & { recipient: Recipient | null },
  { period, line, isLate, isSecond, siblings }: Billed & { isSecond: boolean },
): Promise<string | null> {
  const { userId, invoice, subscription, now } = paid;
  const nothing = { ...paid, period: null, credits: 0 };
  if (recipient === null) {
    await insertInvoicePayment(tx, { ...nothing, refusal: "deleted" });
    if (invoice.amount_paid > 0 || balanceCentsOf(invoice) > 0) {
      await refundForDeletion(tx, { userId, paid: { invoiceId: invoice.id }, now });
    }
    return "account deleted: refunded";
  }
  if (isLate && period === null && line !== null) {
    await refundLatePayment(tx, { ...paid, recipient });
    return "switched after the subscription's end: refunded";
  }
  const other = { userId, invoice, subscriptionId: subscription.id, siblings };
  if (isLate && period !== null && (await hasOtherPlan(tx, other))) {
    await refundLatePayment(tx, { ...paid, recipient });
    return "paid after the subscription's end: refunded";
  }
  if (isSecond && !isLate) {
    await insertInvoicePayment(tx, { ...nothing, refusal: "second" });
    await refuseSecondSubscription(tx, { ...paid, recipient });
    return "second subscription: cancelled and refunded";
  }
  return null;
}

/**
 * Grants what an invoice buys and records it. A period that costs nothing before discounts is a trial
 * (trial.ts); a 100% coupon grants. Proration lines grant only for a switch to a higher tier
 * (switch-within-period.ts). A payment after the subscription's end follows late-payment.ts.
 * @throws PeriodNotPaid if the switch's period was paid but could not be recorded
 */
async function grant(tx: Transaction, paid: PaidInvoice, billed: Billed): Promise<Outcome> {
  const { userId, invoice, subscription } = paid;
  const { period, line, isLate, firstChargeCents } = billed;
  const isPeriod = isLate || PERIOD_REASONS.includes(invoice.billing_reason);
  if (period !== null && period.subtotalCents <= 0) {
    const { note, credits } = await startTrial(tx, { ...paid, period, firstChargeCents });
    return handled(note, userId, credits);
  }
  if (period !== null && isPeriod) {
    const left = isLate
      ? null
      : await findLeavingSwitch(tx, { subscriptionId: subscription.id, period });
    const credits =
      left === null
        ? await startPeriod(tx, { ...paid, period, isLate })
        : await startLeftPeriod(tx, { ...paid, period, left });
    const until = left === null ? "" : " until the switch that has left it";
    const from = isLate ? " from the late payment on" : "";
    return handled(`${period.item.id} granted${until}${from}`, userId, credits);
  }
  if (period !== null && invoice.billing_reason === "subscription_update") {
    const credits = await switchPlan(tx, { ...paid, period });
    return handled(`switched to ${period.item.id}`, userId, credits);
  }
  if (invoice.amount_paid > 0 && billed.hasNewQuantity) {
    return dead(
      "bills another quantity within a period: nothing granted before the next one",
      userId,
    );
  }
  if (line !== null) return grantSwitch(tx, paid, { ...billed, line });
  await insertInvoicePayment(tx, { ...paid, period: null, credits: 0 });
  return handled("a correction: nothing granted", userId);
}

/**
 * A switch within a period that is still to be paid is left unrecorded: the period's payment fulfils it. If
 * the subscription ends first, it is refunded.
 */
async function grantSwitch(
  tx: Transaction,
  paid: PaidInvoice,
  { line, hasEnded, waits }: Billed & { line: SwitchLine },
): Promise<Outcome> {
  const { userId, invoice } = paid;
  const credits = await switchWithinPeriod(tx, { ...paid, line });
  if (credits !== null) {
    return handled(`switched to ${line.item.id} for the rest of the period`, userId, credits);
  }
  if (hasEnded) {
    await refundLatePayment(tx, paid);
    return handled("switched within a period that was never paid: refunded", userId);
  }
  if (waits) return handled("waits for the payment of its period", userId);
  throw new PeriodNotPaid(invoice.id);
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
