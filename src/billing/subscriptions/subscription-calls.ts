import { and, desc, eq, lte } from "drizzle-orm";
import type Stripe from "stripe";
import { payment, priceChange } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { loadInvoice } from "../purchases/load-invoice";

import { isMissing, isRefused, PaymentProcessing } from "../stripe/call-stripe";
import { idOf, instantOf } from "../stripe/values";

import {
  DISPUTE_COMMENT,
  isLive,
  listLiveSubscriptions,
  listUnpaidInvoices,
  planItemOf,
  reversalComment,
  scheduledEndOf,
  scheduledSwitchOf,
} from "./live-subscriptions";

/*
 * The Stripe calls that end a subscription or its renewal. Each reads the current state first and
 * does nothing if the change is already in effect.
 */

interface KeyedId {
  readonly id: string;
  readonly idempotencyKey: string;
}

/** Cancels at once, without proration, and voids the unpaid invoices. */
export async function cancelNow(
  billing: BillingDeps,
  { id, comment, idempotencyKey }: KeyedId & { comment?: string },
): Promise<void> {
  const { stripe } = billing;
  try {
    const subscription = await stripe.subscriptions.retrieve(id);
    if (isLive(subscription.status)) {
      await releaseSchedule(billing, { subscription, idempotencyKey });
      const details = comment === undefined ? {} : { cancellation_details: { comment } };
      await stripe.subscriptions.cancel(id, { prorate: false, ...details }, { idempotencyKey });
    }
  } catch (error) {
    if (isMissing(error)) return;
    throw error;
  }
  await voidInvoices(billing, { id, idempotencyKey });
}

/** Cancels all of a customer's subscriptions, including those whose events have not arrived. */
export async function cancelAll(
  billing: BillingDeps,
  { customerId, idempotencyKey }: { customerId: string; idempotencyKey: string },
): Promise<void> {
  for (const { id } of await listLiveSubscriptions(billing, customerId)) {
    await cancelNow(billing, { id, idempotencyKey: `${idempotencyKey}:${id}` });
  }
}

/**
 * Ends a subscription because its owner has a lifetime: at the period's end if that period is paid,
 * at once if anything is still to be charged for it. An end that we set for a dispute loses its
 * comment, so that winning the dispute does not resume the renewal.
 */
export async function endForLifetime(billing: BillingDeps, call: KeyedId): Promise<void> {
  const subscription = await billing.stripe.subscriptions.retrieve(call.id, {
    expand: ["latest_invoice"],
  });
  if (!isLive(subscription.status)) return;
  if (!isPaidUp(subscription)) return cancelNow(billing, call);
  const isStoppedForDispute = subscription.cancellation_details?.comment === DISPUTE_COMMENT;
  if (scheduledEndOf(subscription) !== null && !isStoppedForDispute) return;
  await stopRenewal(billing, { ...call, subscription, comment: "" });
}

/**
 * Cancels a subscription because the payment of its latest paid period was reversed in full. Does
 * nothing if the reversal was undone or a later period was paid in the meantime.
 */
export async function cancelForReversal(
  billing: BillingDeps,
  { paymentId, ...call }: KeyedId & { paymentId: string },
): Promise<void> {
  const [paid] = await billing.db.select().from(payment).where(eq(payment.id, paymentId));
  if (!paid?.isReversed || paid.invoiceId === null) return;
  if (await isLaterPeriodPaid(billing, { id: call.id, invoiceId: paid.invoiceId })) return;
  await cancelNow(billing, { ...call, comment: reversalComment(paymentId) });
}

/**
 * Returns a subscription to the price it had before a switch within its period whose payment was
 * reversed in full, so that it renews at that price. If that price was bought by a reversed switch as
 * well, to the one before it. A migration to another version that was applied to a price stays applied.
 * Does nothing if the reversal was undone, or if the price or the period has changed otherwise since.
 */
export async function undoSwitch(
  billing: BillingDeps,
  { id, paymentId, idempotencyKey }: KeyedId & { paymentId: string },
): Promise<void> {
  const [paid] = await billing.db.select().from(payment).where(eq(payment.id, paymentId));
  if (!paid?.isReversed || paid.memberFromAt === null || paid.switchedFromPriceId === null) return;
  const subscription = await billing.stripe.subscriptions.retrieve(id);
  const migrated = await readMigrations(billing, id);
  const item = subscription.items.data.find(({ price }) => price.id === migrated(paid.priceId));
  if (!isLive(subscription.status) || item === undefined) return;
  if (instantOf(item.current_period_start) > paid.memberFromAt) return;
  const price = migrated(await readStandingPrice(billing, paid, paid.switchedFromPriceId));
  await releaseSchedule(billing, { subscription, idempotencyKey });
  await billing.stripe.subscriptions.update(
    id,
    {
      // Without a quantity, Stripe resets it to 1.
      items: [{ id: item.id, price, quantity: item.quantity ?? 1 }],
      proration_behavior: "none",
    },
    { idempotencyKey },
  );
}

/** The price before a reversed switch, and before every reversed switch that led to it. */
async function readStandingPrice(
  { db }: Pick<BillingDeps, "db">,
  { id, userId, subscriptionId, memberFromAt }: typeof payment.$inferSelect,
  fromPriceId: string,
): Promise<string> {
  if (subscriptionId === null || memberFromAt === null) return fromPriceId;
  const latestFirst = await db
    .select()
    .from(payment)
    .where(
      and(
        eq(payment.userId, userId),
        eq(payment.subscriptionId, subscriptionId),
        lte(payment.memberFromAt, memberFromAt),
      ),
    )
    .orderBy(desc(payment.memberFromAt));
  let price = fromPriceId;
  const undone = [id];
  for (;;) {
    const bought = latestFirst.find((each) => each.priceId === price && !undone.includes(each.id));
    if (!bought?.isReversed || bought.switchedFromPriceId === null) return price;
    price = bought.switchedFromPriceId;
    undone.push(bought.id);
  }
}

/** Maps a price to the one that the subscription's applied migrations have replaced it with. */
async function readMigrations(
  { db }: Pick<BillingDeps, "db">,
  subscriptionId: string,
): Promise<(priceId: string) => string> {
  const applied = await db
    .select({ from: priceChange.fromPriceId, to: priceChange.toPriceId })
    .from(priceChange)
    .where(and(eq(priceChange.subscriptionId, subscriptionId), eq(priceChange.status, "applied")))
    .orderBy(priceChange.createdAt);
  return (priceId) =>
    applied.reduce((price, { from, to }) => (price === from ? to : price), priceId);
}

/** Stops the renewal while a dispute of one of the subscription's payments is open. */
export async function stopRenewalForDispute(billing: BillingDeps, call: KeyedId): Promise<void> {
  if (!(await disputeStates(billing, call.id)).includes("open")) return;
  const subscription = await billing.stripe.subscriptions.retrieve(call.id, {
    expand: ["schedule"],
  });
  if (!isLive(subscription.status) || scheduledEndOf(subscription) !== null) return;
  await rememberSwitch(billing, { ...call, subscription });
  await stopRenewal(billing, { ...call, subscription, comment: DISPUTE_COMMENT });
}

/**
 * Resumes the renewal once every dispute is won, and schedules the switch that the stop has released
 * again. An end that the user or an operator has set stays: it does not have our comment.
 */
export async function resumeRenewal(
  billing: BillingDeps,
  { id, idempotencyKey }: KeyedId,
): Promise<void> {
  const { stripe } = billing;
  const states = await disputeStates(billing, id);
  if (states.includes("open") || states.includes("standing")) return;
  const subscription = await stripe.subscriptions.retrieve(id, { expand: ["schedule"] });
  if (!isLive(subscription.status)) return;
  const isStopped =
    scheduledEndOf(subscription) !== null &&
    subscription.cancellation_details?.comment === DISPUTE_COMMENT;
  if (isStopped) {
    const resumed = { cancel_at_period_end: false, cancellation_details: { comment: "" } };
    await stripe.subscriptions.update(id, resumed, { idempotencyKey });
  }
  if (isStopped || scheduledEndOf(subscription) === null) {
    await restoreSwitch(billing, { id, subscription, idempotencyKey });
  }
}

/** The metadata that keeps the prices of a scheduled switch while a dispute stops the renewal. */
const RELEASED_PRICE = "releasedPrice";
const RELEASED_FROM = "releasedFrom";

/** Written before the schedule is released, so that a crash in between loses nothing. */
async function rememberSwitch(
  { stripe }: BillingDeps,
  { id, subscription, idempotencyKey }: KeyedId & { subscription: Stripe.Subscription },
): Promise<void> {
  const released = scheduledSwitchOf(subscription);
  if (released === null) return;
  await stripe.subscriptions.update(
    id,
    { metadata: { [RELEASED_PRICE]: released.priceId, [RELEASED_FROM]: released.fromPriceId } },
    { idempotencyKey: `${idempotencyKey}:remember` },
  );
}

/**
 * Schedules the switch for the period's end, unless the user has switched or scheduled another switch
 * since. The subscription's other items stay. Completes a schedule that a failed call left without the switch.
 */
async function restoreSwitch(
  billing: BillingDeps,
  { id, subscription, idempotencyKey }: KeyedId & { subscription: Stripe.Subscription },
): Promise<void> {
  const { stripe, prices } = billing;
  const price = subscription.metadata[RELEASED_PRICE];
  if (price === undefined) return;
  const items = subscription.items.data;
  await prices.resolve(items.map((item) => item.price.id));
  const plan = planItemOf(billing, subscription)?.line;
  const isUnchanged = plan?.price.id === (subscription.metadata[RELEASED_FROM] ?? plan?.price.id);
  const isMissingSwitch = scheduledSwitchOf(subscription) === null && plan?.price.id !== price;
  if (plan !== undefined && isUnchanged && isMissingSwitch) {
    const attached = idOf(subscription.schedule);
    const schedule =
      attached ??
      (
        await stripe.subscriptionSchedules.create(
          { from_subscription: id },
          { idempotencyKey: `${idempotencyKey}:schedule` },
        )
      ).id;
    const running = items.map((item) => ({ price: item.price.id, quantity: item.quantity ?? 1 }));
    const next = running.map((item) => (item.price === plan.price.id ? { ...item, price } : item));
    const { current_period_start: start_date, current_period_end: end_date } = plan;
    await stripe.subscriptionSchedules.update(
      schedule,
      { phases: [{ items: running, start_date, end_date }, { items: next }] },
      { idempotencyKey: `${idempotencyKey}:phases` },
    );
  }
  await stripe.subscriptions.update(
    id,
    { metadata: { [RELEASED_PRICE]: "", [RELEASED_FROM]: "" } },
    { idempotencyKey: `${idempotencyKey}:restored` },
  );
}

/**
 * Voids an open or uncollectible invoice of an ended subscription. A draft cannot be voided or
 * deleted; it stops advancing, so that it is never charged.
 * @throws PaymentProcessing while a bank debit of the invoice is processing
 */
export async function voidInvoice(
  { stripe }: BillingDeps,
  { id, idempotencyKey }: KeyedId,
): Promise<void> {
  const { status, auto_advance: advances } = await stripe.invoices.retrieve(id);
  if (status === "draft" && advances) {
    await stripe.invoices.update(id, { auto_advance: false }, { idempotencyKey });
  }
  if (status !== "open" && status !== "uncollectible") return;
  try {
    await stripe.invoices.voidInvoice(id, {}, { idempotencyKey });
  } catch (error) {
    if (!isRefused(error) || !(await isProcessing(stripe, id))) throw error;
    throw new PaymentProcessing(id, { cause: error });
  }
}

async function isProcessing(stripe: Stripe, invoice: string): Promise<boolean> {
  const { data } = await stripe.invoicePayments.list({ invoice, status: "open", limit: 100 });
  for (const { payment: attempted } of data) {
    const intentId = idOf(attempted.payment_intent);
    const intent = intentId === null ? null : await stripe.paymentIntents.retrieve(intentId);
    if (intent?.status === "processing") return true;
  }
  return false;
}

async function voidInvoices(billing: BillingDeps, { id, idempotencyKey }: KeyedId): Promise<void> {
  for (const invoiceId of await listUnpaidInvoices(billing, id)) {
    await voidInvoice(billing, { id: invoiceId, idempotencyKey: `${idempotencyKey}:${invoiceId}` });
  }
}

/** Whether nothing is charged before the period's end: the period's invoice is closed. */
function isPaidUp({ status, latest_invoice: latest }: Stripe.Subscription): boolean {
  if (status !== "active" && status !== "trialing") return false;
  if (latest === null || typeof latest === "string") return true;
  return latest.status !== "draft" && latest.status !== "open";
}

async function stopRenewal(
  billing: BillingDeps,
  {
    id,
    subscription,
    comment,
    idempotencyKey,
  }: KeyedId & { subscription: Stripe.Subscription; comment?: string },
): Promise<void> {
  await releaseSchedule(billing, { subscription, idempotencyKey });
  const details = comment === undefined ? {} : { cancellation_details: { comment } };
  await billing.stripe.subscriptions.update(
    id,
    { cancel_at_period_end: true, ...details },
    { idempotencyKey },
  );
}

/** Stripe refuses to set an end while a schedule (a planned switch) manages the subscription. */
async function releaseSchedule(
  { stripe }: BillingDeps,
  { subscription, idempotencyKey }: { subscription: Stripe.Subscription; idempotencyKey: string },
): Promise<void> {
  const schedule = idOf(subscription.schedule);
  if (schedule === null) return;
  const released = { idempotencyKey: `${idempotencyKey}:release` };
  await stripe.subscriptionSchedules.release(schedule, {}, released);
}

/** Reads from Stripe, because the event of a period paid a second ago may not have arrived. */
async function isLaterPeriodPaid(
  billing: BillingDeps,
  { id, invoiceId }: { id: string; invoiceId: string },
): Promise<boolean> {
  const { stripe } = billing;
  const { created } = await stripe.invoices.retrieve(invoiceId);
  const paid = await stripe.invoices
    .list({ subscription: id, status: "paid", created: { gte: created }, limit: 100 })
    .autoPagingToArray({ limit: 1000 });
  // Lists are newest first, even within one second.
  const at = paid.findIndex((invoice) => invoice.id === invoiceId);
  for (const later of paid.slice(0, Math.max(0, at))) {
    const { lines } = await loadInvoice(billing, later.id);
    if (lines.some(({ parent }) => parent?.subscription_item_details?.proration === false)) {
      return true;
    }
  }
  return false;
}

async function disputeStates({ db }: BillingDeps, subscriptionId: string) {
  const paid = await db
    .select({ reversals: payment.reversals })
    .from(payment)
    .where(eq(payment.subscriptionId, subscriptionId));
  return paid
    .flatMap(({ reversals }) => reversals)
    .filter(({ kind }) => kind === "dispute")
    .map(({ state }) => state);
}
