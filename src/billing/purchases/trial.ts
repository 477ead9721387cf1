import { and, eq, isNotNull, or } from "drizzle-orm";
import { HAS_TRIAL } from "@/catalog/items";
import type { Executor, Transaction } from "@/db/client";
import { subscription, trial, user } from "@/db/schema";
import { grantTrial, moveTrialExpiry, trialSource } from "@/ledger/grant";
import type { CreditWrite } from "../effect";
import { enqueueStripeCall } from "../stripe/stripe-calls";
import { earlier, idOf, instantOf } from "../stripe/values";
import type { FetchedSubscription } from "../subscriptions/sync-subscription";
import type { PlanLine } from "./load-invoice";
import { insertInvoicePayment, type PaidInvoice } from "./paid-period";
import { sendTrialNotice } from "./receipts";

/*
 * Trials. A plan's terms may have a trial: days, and a lot of its own that ends with it. An account and a
 * Stripe customer have one trial, which the primary key and a unique index of `trial` enforce. See
 * docs/decisions/0060-trials.md.
 */

/** Whether the account or the customer has had a trial, of any plan and with or without a lot. */
export async function hasHadTrial(
  reader: Executor,
  { userId, customerId }: { userId: string; customerId: string | null },
): Promise<boolean> {
  const had = await reader
    .select({ id: trial.subscriptionId })
    .from(trial)
    .where(or(eq(trial.userId, userId), eq(trial.customerId, customerId ?? "")))
    .unionAll(
      reader
        .select({ id: subscription.id })
        .from(subscription)
        .where(and(eq(subscription.userId, userId), isNotNull(subscription.trialEndAt))),
    )
    .limit(1);
  return had.length > 0;
}

/** Whether a user has had the one trial of an account. Checkout also asks Stripe. */
export async function isTrialUsed(
  reader: Executor,
  { userId }: { userId: string },
): Promise<boolean> {
  if (!HAS_TRIAL) return false;
  const [owner] = await reader
    .select({ customerId: user.stripeCustomerId })
    .from(user)
    .where(eq(user.id, userId));
  return hasHadTrial(reader, { userId, customerId: owner?.customerId ?? null });
}

/**
 * Starts the trial that a subscription's first, free invoice begins, under the terms of its price. Exactly
 * one of several subscriptions starts a trial. A second one from our payment page is cancelled; one that an
 * operator created continues without a lot. The caller has locked the user's row and synced the subscription.
 */
export async function startTrial(
  tx: Transaction,
  started: PaidInvoice & {
    period: PlanLine;
    firstChargeCents: FetchedSubscription["firstChargeCents"];
  },
): Promise<{ note: string; credits: CreditWrite[] }> {
  const { userId, recipient, invoice, subscription: state, period, now } = started;
  const terms = period.item.trial;
  const endsAt = await readTrialEnd(tx, state.id);
  if (terms === null || endsAt === null || invoice.billing_reason !== "subscription_create") {
    return { note: "costs nothing: nothing granted", credits: [] };
  }
  // If the trial ended before this event, it counts as used but gets no lot.
  const credits = endsAt > now ? terms.credits * period.quantity : 0;
  const { firstChargeCents } = started;
  const inserted = await tx
    .insert(trial)
    .values({
      userId,
      customerId: idOf(state.customer) ?? "",
      subscriptionId: state.id,
      item: period.item.id,
      priceId: period.priceId,
      credits,
      startedAt: instantOf(state.trial_start ?? state.created),
      endsAt,
      firstChargeCents,
      currency: state.currency,
    })
    .onConflictDoNothing()
    .returning({ id: trial.subscriptionId });
  if (inserted.length === 0) return repeatOrRefuse(tx, started);
  if (credits === 0) return { note: "the trial has ended: nothing granted", credits: [] };
  const { currency } = state;
  const notice = {
    recipient,
    subscriptionId: state.id,
    item: period.item.id,
    endsAt,
    currency,
    now,
  };
  const contract = { startedAt: instantOf(state.created) };
  await sendTrialNotice(tx, {
    ...notice,
    event: "started",
    amountCents: firstChargeCents,
    contract,
  });
  const grant = { userId, subscriptionId: state.id, credits, endsAt, now };
  return { note: "trial started", credits: [(last) => grantTrial(last, grant)] };
}

async function repeatOrRefuse(
  tx: Transaction,
  started: PaidInvoice & { period: PlanLine },
): Promise<{ note: string; credits: CreditWrite[] }> {
  const { userId, recipient, subscription: state, period, now } = started;
  const [own] = await tx
    .select({ id: trial.subscriptionId })
    .from(trial)
    .where(eq(trial.subscriptionId, state.id));
  if (own !== undefined) return { note: "the trial has started already", credits: [] };
  if (!state.metadata.userId) return { note: "a second trial: nothing granted", credits: [] };
  await insertInvoicePayment(tx, { ...started, period: null, credits: 0, refusal: "second" });
  await enqueueStripeCall(tx, {
    key: `second-trial:${state.id}:cancel`,
    userId,
    call: { do: "cancel-now", subscriptionId: state.id },
    now,
  });
  await sendTrialNotice(tx, {
    recipient,
    subscriptionId: state.id,
    item: period.item.id,
    event: "refused",
    endsAt: now,
    amountCents: null,
    currency: state.currency,
    now,
  });
  return { note: "a second trial: cancelled, nothing granted", credits: [] };
}

/**
 * Updates a trial whose end has moved: Stripe extended it, or the trial or its subscription ended early.
 * Returns the write that moves the lot's expiry. The caller has stored the state and locked the user's row.
 */
export async function syncTrial(
  tx: Transaction,
  {
    subscription: state,
    firstChargeCents,
    now,
  }: Pick<FetchedSubscription, "subscription" | "firstChargeCents"> & { now: Date },
): Promise<CreditWrite[]> {
  if (state.trial_end === null) return [];
  const [known] = await tx.select().from(trial).where(eq(trial.subscriptionId, state.id));
  const endsAt = await readTrialEnd(tx, state.id);
  if (known === undefined || endsAt === null) return [];
  const changed = {
    endsAt,
    ...(state.status === "trialing" && { firstChargeCents, currency: state.currency }),
  };
  await tx.update(trial).set(changed).where(eq(trial.subscriptionId, state.id));
  if (known.endsAt.getTime() === endsAt.getTime()) return [];
  const moved = {
    userId: known.userId,
    source: trialSource(known),
    expiresAt: endsAt,
    now,
  };
  return [(last) => moveTrialExpiry(last, moved)];
}

/** The end of the trial, or of the subscription if that comes first; null without a trial. */
async function readTrialEnd(tx: Transaction, subscriptionId: string): Promise<Date | null> {
  const [stored] = await tx
    .select({ trialEndAt: subscription.trialEndAt, endedAt: subscription.endedAt })
    .from(subscription)
    .where(eq(subscription.id, subscriptionId));
  if (!stored?.trialEndAt) return null;
  return stored.endedAt === null ? stored.trialEndAt : earlier(stored.trialEndAt, stored.endedAt);
}
