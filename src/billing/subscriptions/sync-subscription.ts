import { and, eq, gt, notInArray, sql } from "drizzle-orm";
import type Stripe from "stripe";
import type { Transaction } from "@/db/client";
import { payment, subscription } from "@/db/schema";
import { endSchedules } from "@/ledger/schedules";
import type { BillingDeps } from "../deps";
import type { CreditWrite } from "../effect";
import { idOf, instantOf, instantOrNull } from "../stripe/values";
import { cancelForDeletion } from "./close-billing";
import { cancelSubscriptionsForLifetime } from "./end-for-lifetime";
import { endedAtOf, FINAL_STATUSES, isLive, planItemOf } from "./live-subscriptions";

/** A subscription as Stripe returned it. */
export interface FetchedSubscription {
  readonly subscription: Stripe.Subscription;
  /** When the request began, by the database's clock: servers' clocks may differ. */
  readonly fetchedAt: Date;
}

/** Reads a subscription's current state from Stripe. */
export async function fetchSubscription(
  billing: BillingDeps,
  id: string,
): Promise<FetchedSubscription> {
  const fetchedAt = await readDatabaseClock(billing);
  return { subscription: await billing.stripe.subscriptions.retrieve(id), fetchedAt };
}

/**
 * Stores a fetched state. An older fetch never overwrites a newer one, and a final status stays, so
 * events may arrive late, twice or in any order. An ended subscription cuts the membership at its
 * end and ends its schedules; those are the returned credit writes. A deleted account's live
 * subscription is cancelled. The caller has locked the user's row.
 * @throws if an older fetch differs from what is stored, so that a retry fetches again
 */
export async function syncSubscription(
  tx: Transaction,
  billing: BillingDeps,
  fetched: FetchedSubscription & { userId: string; deletedAt: Date | null },
): Promise<CreditWrite[]> {
  const { subscription: state, userId, deletedAt } = fetched;
  await upsert(tx, billing, fetched);
  const endedAt = endedAtOf(state);
  if (endedAt === null && deletedAt !== null) {
    const now = billing.clock();
    await cancelForDeletion(tx, { userId, subscriptionId: state.id, now });
    return [];
  }
  if (endedAt === null) {
    await cancelSubscriptionsForLifetime(tx, { userId, now: billing.clock() });
    return [];
  }
  await cutMembership(tx, { userId, subscriptionId: state.id, endedAt });
  return [(last) => endSchedules(last, { userId, subscriptionId: state.id, endsAt: endedAt })];
}

async function readDatabaseClock({ db }: BillingDeps): Promise<Date> {
  const [row] = await db.execute<{ at: string }>(sql`select clock_timestamp() as at`);
  if (row === undefined) throw new Error("The database returned no time.");
  return new Date(row.at);
}

async function upsert(
  tx: Transaction,
  billing: BillingDeps,
  { subscription: state, fetchedAt, userId }: FetchedSubscription & { userId: string },
): Promise<void> {
  const plan = planItemOf(billing, state);
  const line = plan?.line ?? state.items.data[0];
  const values = {
    userId,
    customerId: idOf(state.customer) ?? "",
    priceId: plan?.priceId ?? line?.price.id ?? "",
    plan: plan?.item.id ?? null,
    status: state.status,
    currentPeriodStartAt: instantOrNull(line?.current_period_start),
    currentPeriodEndAt: instantOrNull(line?.current_period_end),
    cancelAt: instantOrNull(state.cancel_at),
    cancelAtPeriodEnd: state.cancel_at_period_end,
    canceledAt: instantOrNull(state.canceled_at),
    endedAt: instantOrNull(state.ended_at),
    trialEndAt: instantOrNull(state.trial_end),
    fetchedAt,
  };
  const written = await tx
    .insert(subscription)
    .values({ id: state.id, createdAt: instantOf(state.created), ...values })
    .onConflictDoUpdate({
      target: subscription.id,
      set: values,
      setWhere: sql`${subscription.fetchedAt} <= excluded.fetched_at
        and ${notInArray(subscription.status, FINAL_STATUSES)}`,
    })
    .returning({ id: subscription.id });
  if (written.length === 0) await refuseStaleState(tx, state.id, values);
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
  { userId, subscriptionId, endedAt }: { userId: string; subscriptionId: string; endedAt: Date },
): Promise<void> {
  await tx
    .update(payment)
    .set({ memberUntilAt: endedAt })
    .where(
      and(
        eq(payment.userId, userId),
        eq(payment.subscriptionId, subscriptionId),
        gt(payment.memberUntilAt, endedAt),
      ),
    );
}
