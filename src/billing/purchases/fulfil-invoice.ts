import { secondsInDay } from "date-fns/constants";
import { eq } from "drizzle-orm";
import type Stripe from "stripe";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { dead, type Effect, handled, ignored, noEffect, type Outcome } from "../effect";
import { linkStripeCustomer, resolveKnownUser, resolveUser, unknownPrice } from "../owner";
import { idOf } from "../stripe/values";
import { refundForDeletion } from "../subscriptions/close-billing";
import { endedAtOf } from "../subscriptions/live-subscriptions";
import { type FetchedSubscription, syncSubscription } from "../subscriptions/sync-subscription";
import { boughtPeriodOf, hasOtherPlan, isPaidLate, refundLatePayment } from "./late-payment";
import { findLeavingSwitch, startLeftPeriod } from "./left-period";
import {
  balanceCentsOf,
  hasNewQuantity,
  type LoadedInvoice,
  type PlanLine,
  planOf,
  type SwitchLine,
  subscriptionIdOf,
  switchLineOf,
  unknownPricesOf,
} from "./load-invoice";
import { insertInvoicePayment, type PaidInvoice, paidAtOf, startPeriod } from "./paid-period";
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

/** An invoice and its subscription, as Stripe has them now. */
export interface InvoiceOfSubscription {
  readonly loaded: LoadedInvoice;
  readonly fetched: FetchedSubscription;
}

/**
 * Returns the effect of a paid invoice, applied once per invoice id: its payment, its period's
 * allotment and, for a year, the schedule of the other months.
 *
 * A deleted account, a second subscription and a late payment of a user with another plan get a refund
 * instead of credits (`refuse`). `grant` has the other cases.
 */
export async function fulfilInvoice(
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
