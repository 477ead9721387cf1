import { and, eq, gt, inArray, lte, notInArray, sql } from "drizzle-orm";
import type Stripe from "stripe";
import type { Transaction } from "@/db/client";
import { payment, subscription } from "@/db/schema";
import { endSchedules } from "@/ledger/schedules";
import { creditSchedule } from "@/ledger/schema";
import type { BillingDeps } from "../deps";
import type { CreditWrite } from "../effect";
import { syncTrial } from "../purchases/trial";
import { isRefused } from "../stripe/call-stripe";
import { enqueueStripeCall } from "../stripe/stripe-calls";
import { idOf, instantOf, instantOrNull } from "../stripe/values";
import { cancelForDeletion } from "./close-billing";
import { cancelSubscriptionsForLifetime } from "./end-for-lifetime";
import {
  endedAtOf,
  endsPayment,
  FINAL_STATUSES,
  isLive,
  listUnpaidInvoices,
  OUR_COMMENT,
  planItemOf,
  scheduledEndOf,
  scheduledSwitchOf,
} from "./live-subscriptions";
import { changesBetween, recordMembershipChange } from "./membership-events";
import { notifyPlanEnd } from "./notify-plan-end";

/** A subscription as Stripe returned it. */
export interface FetchedSubscription {
  readonly subscription: Stripe.Subscription;
  /** When the request began, by the database's clock: servers' clocks may differ. */
  readonly fetchedAt: Date;
  /** Invoices that can still be charged or paid although the subscription has ended. */
  readonly unpaidInvoiceIds: readonly string[];
  /** What Stripe will charge when the running trial ends, in minor units; null if nothing. */
  readonly firstChargeCents: number | null;
}

/** Reads a subscription's current state from Stripe. */
export async function fetchSubscription(
  billing: BillingDeps,
  id: string,
): Promise<FetchedSubscription> {
  const fetchedAt = await readDatabaseClock(billing);
  const subscription = await billing.stripe.subscriptions.retrieve(id, { expand: ["schedule"] });
  await billing.prices.resolve([
    ...subscription.items.data.map(({ price }) => price.id),
    scheduledSwitchOf(subscription)?.priceId,
  ]);
  const hasEnded = !isLive(subscription.status);
  const unpaidInvoiceIds = hasEnded ? await listUnpaidInvoices(billing, id) : [];
  const firstChargeCents = await previewFirstCharge(billing, subscription);
  return { subscription, fetchedAt, unpaidInvoiceIds, firstChargeCents };
}

/**
 * Stores a fetched state. An older fetch never overwrites a newer one, and a final status stays, so
 * events may arrive late, twice or in any order. An ended subscription cuts the membership at its
 * end and ends its schedules, and a trial whose end has moved takes its lot along; those are the returned
 * credit writes. Its unpaid invoices are voided. A deleted account's live subscription is cancelled. The
 * caller has locked the user's row.
 * @throws if an older fetch differs from what is stored, so that a retry fetches again
 */
export async function syncSubscription(
  tx: Transaction,
  billing: BillingDeps,
  fetched: FetchedSubscription & { userId: string; deletedAt: Date | null },
): Promise<CreditWrite[]> {
  const { subscription: state, unpaidInvoiceIds, userId, deletedAt } = fetched;
  const now = billing.clock();
  const isStored = await store(tx, billing, fetched);
  const trialMoves = await syncTrial(tx, { ...fetched, now });
  const endedAt = endedAtOf(state);
  if (endedAt === null && deletedAt !== null) {
    await cancelForDeletion(tx, { userId, subscriptionId: state.id, now });
    return trialMoves;
  }
  if (endedAt === null) {
    await cancelSubscriptionsForLifetime(tx, { userId, now });
    return trialMoves;
  }
  for (const invoiceId of unpaidInvoiceIds) {
    await enqueueStripeCall(tx, {
      key: `invoice:${invoiceId}:void`,
      userId,
      call: { do: "void-invoice", invoiceId },
      now,
    });
  }
  await cutMembership(tx, state, endedAt);
  const item = planItemOf(billing, state)?.item.id;
  if (isStored && item !== undefined) {
    await notifyPlanEnd(tx, { subscriptionId: state.id, item, userId, now });
  }
  return [...trialMoves, (last) => endSubscriptionSchedules(last, state, endedAt)];
}

/** The total of the invoice that the end of a trial brings, with discounts, taxes and balance. */
async function previewFirstCharge(
  { stripe }: BillingDeps,
  subscription: Stripe.Subscription,
): Promise<number | null> {
  if (subscription.status !== "trialing" || scheduledEndOf(subscription) !== null) return null;
  try {
    const { amount_due } = await stripe.invoices.createPreview({ subscription: subscription.id });
    return amount_due;
  } catch (error) {
    // Cancelled since it was read: no invoice will follow.
    if (isRefused(error)) return null;
    throw error;
  }
}

async function readDatabaseClock({ db }: BillingDeps): Promise<Date> {
  const [row] = await db.execute<{ at: string }>(sql`select clock_timestamp() as at`);
  if (row === undefined) throw new Error("The database returned no time.");
  return new Date(row.at);
}

/**
 * Stores a fetched state and records the events of what it changes. Returns whether it was stored. A final
 * state is stored once.
 */
async function store(
  tx: Transaction,
  billing: BillingDeps,
  {
    subscription: state,
    fetchedAt,
    userId,
    deletedAt,
  }: Pick<FetchedSubscription, "subscription" | "fetchedAt"> & {
    userId: string;
    deletedAt: Date | null;
  },
): Promise<boolean> {
  const plan = planItemOf(billing, state);
  const line = plan?.line ?? state.items.data[0];
  const scheduled = scheduledSwitchOf(state);
  const scheduledItem = billing.prices.itemOf(scheduled?.priceId)?.id ?? null;
  // Another version of the same item is no switch of plans.
  const isSwitch = scheduledItem !== null && scheduledItem !== plan?.item.id;
  const comment = state.cancellation_details?.comment ?? null;
  const values = {
    userId,
    customerId: idOf(state.customer) ?? "",
    priceId: plan?.priceId ?? line?.price.id ?? "",
    plan: plan?.item.id ?? null,
    currency: state.currency,
    status: state.status,
    currentPeriodStartAt: instantOrNull(line?.current_period_start),
    currentPeriodEndAt: instantOrNull(line?.current_period_end),
    cancelAt: instantOrNull(state.cancel_at),
    cancelAtPeriodEnd: state.cancel_at_period_end,
    canceledAt: instantOrNull(state.canceled_at),
    endedAt: instantOrNull(state.ended_at),
    cancellationComment: deletedAt === null || comment?.startsWith(OUR_COMMENT) ? comment : null,
    trialEndAt: instantOrNull(state.trial_end),
    scheduledItem: isSwitch ? scheduledItem : null,
    scheduledAt: isSwitch ? (scheduled?.at ?? null) : null,
    fetchedAt,
  };
  const [[before], written] = await Promise.all([
    tx.select().from(subscription).where(eq(subscription.id, state.id)),
    tx
      .insert(subscription)
      .values({ id: state.id, createdAt: instantOf(state.created), ...values })
      .onConflictDoUpdate({
        target: subscription.id,
        set: values,
        setWhere: sql`${subscription.fetchedAt} <= excluded.fetched_at
          and ${notInArray(subscription.status, FINAL_STATUSES)}`,
      })
      .returning({ id: subscription.id }),
  ]);
  if (written.length === 0) {
    await refuseStaleState(tx, state.id, values);
    return false;
  }
  if (before !== undefined && deletedAt === null && values.plan !== null) {
    const key = `${state.id}:${fetchedAt.toISOString()}`;
    const reasons = changesBetween(before, values);
    const changed = { userId, item: values.plan, reasons, key, now: billing.clock() };
    await recordMembershipChange(tx, changed);
  }
  return true;
}

type State = typeof subscription.$inferInsert;

/** Throws if the stored state is live and differs from the fetched one. */
async function refuseStaleState(
  tx: Transaction,
  id: string,
  { fetchedAt: _, ...fetched }: Omit<State, "id" | "createdAt">,
): Promise<void> {
  const [stored] = await tx.select().from(subscription).where(eq(subscription.id, id));
  if (stored === undefined || !isLive(stored.status)) return;
  const isSame = Object.entries(fetched).every(
    ([name, value]) => JSON.stringify(value) === JSON.stringify(Reflect.get(stored, name)),
  );
  if (!isSame) throw new Error(`Subscription ${id} has changed since it was fetched.`);
}

async function cutMembership(
  tx: Transaction,
  state: Stripe.Subscription,
  endedAt: Date,
): Promise<void> {
  const ids = (await listEndedPayments(tx, state, endedAt)).map(({ id }) => id);
  await tx
    .update(payment)
    .set({ memberUntilAt: endedAt })
    .where(and(inArray(payment.id, ids), gt(payment.memberUntilAt, endedAt)));
}

/** Also ends a schedule that the same transaction opened. */
async function endSubscriptionSchedules(
  tx: Transaction,
  state: Stripe.Subscription,
  endsAt: Date,
): Promise<void> {
  for (const { userId, scheduleId: source } of await listEndedPayments(tx, state, endsAt)) {
    if (source !== null) await endSchedules(tx, { userId, source, endsAt });
  }
}

/** The payments that a subscription's end affects: those made before it, except by `endsPayment`. */
async function listEndedPayments(
  tx: Transaction,
  { id: subscriptionId, cancellation_details: details }: Stripe.Subscription,
  endedAt: Date,
) {
  const paid = await tx
    .select({
      userId: payment.userId,
      id: payment.id,
      isReversed: payment.isReversed,
      scheduleId: creditSchedule.id,
    })
    .from(payment)
    .leftJoin(
      creditSchedule,
      and(eq(creditSchedule.userId, payment.userId), eq(creditSchedule.id, payment.id)),
    )
    .where(and(eq(payment.subscriptionId, subscriptionId), lte(payment.paidAt, endedAt)));
  return paid.filter((each) => endsPayment(each, { comment: details?.comment, payments: paid }));
}
