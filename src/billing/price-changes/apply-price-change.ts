import { addDays, subDays } from "date-fns";
import { and, eq, gt, gte, inArray, isNull, lte, ne, or, sql } from "drizzle-orm";
import type Stripe from "stripe";
import type { Database } from "@/db/client";
import { outbox, priceChange, subscription } from "@/db/schema";
import type { BillingDeps } from "../deps";
import { isMissing } from "../stripe/call-stripe";
import { enqueueStripeCall } from "../stripe/stripe-calls";
import { instantOf } from "../stripe/values";
import {
  CHARGING_STATUSES,
  FINAL_STATUSES,
  isLive,
  planItemOf,
  scheduledEndOf,
} from "../subscriptions/live-subscriptions";
import { announcementKey } from "./announce-price-change";

/**
 * How long before a renewal the price is changed at Stripe. Long enough for two runs of a daily job and
 * a day of retries.
 */
const BEFORE_RENEWAL_DAYS = 3;

/**
 * Enqueues the Stripe calls of the changes whose renewal is near, once per renewal. Closes the changes of
 * subscriptions that ended or were switched. A change waits until its email is sent. If it misses a
 * renewal, it applies to the next one.
 */
export async function enqueuePriceChanges(db: Database, now: Date): Promise<void> {
  await closeOutdated(db, now);
  await db.transaction(async (tx) => {
    const due = await tx
      .update(priceChange)
      .set({ calledForAt: subscription.currentPeriodEndAt })
      .from(subscription)
      .where(
        and(
          eq(subscription.id, priceChange.subscriptionId),
          eq(priceChange.status, "scheduled"),
          gt(subscription.currentPeriodEndAt, now),
          lte(subscription.currentPeriodEndAt, addDays(now, BEFORE_RENEWAL_DAYS)),
          gte(subscription.currentPeriodEndAt, priceChange.noticeEndsAt),
          or(
            isNull(priceChange.calledForAt),
            ne(priceChange.calledForAt, subscription.currentPeriodEndAt),
          ),
          inArray(subscription.status, [...CHARGING_STATUSES]),
          isNull(subscription.cancelAt),
          eq(subscription.cancelAtPeriodEnd, false),
          isAnnounced(tx),
        ),
      )
      .returning({
        id: priceChange.id,
        userId: priceChange.userId,
        calledForAt: priceChange.calledForAt,
      });
    for (const { id, userId, calledForAt } of due) {
      await enqueueStripeCall(tx, {
        key: `price-change:${id}:${calledForAt?.toISOString()}`,
        userId,
        call: { do: "change-price", priceChangeId: id },
        now,
      });
    }
  });
}

/**
 * Changes the price at Stripe, without proration: the running period stays as it was paid, and the next
 * one is charged and granted at the new price. Reads the current state first and does nothing unless
 * the renewal is near and the subscription renews. An end or a scheduled switch takes precedence.
 */
export async function applyPriceChange(
  billing: BillingDeps,
  { id, idempotencyKey }: { id: string; idempotencyKey: string },
): Promise<void> {
  const { db, stripe, clock } = billing;
  const [change] = await db.select().from(priceChange).where(eq(priceChange.id, id));
  if (change?.status !== "scheduled") return;
  const state = await findSubscription(billing, change.subscriptionId);
  const plan = state && planItemOf(billing, state);
  if (plan?.priceId === change.toPriceId) {
    const { calledForAt: effectiveAt } = change;
    return close(db, { id, status: "applied", effectiveAt: effectiveAt ?? clock(), now: clock() });
  }
  if (state === null || !isLive(state.status) || plan?.priceId !== change.fromPriceId) {
    return close(db, { id, status: "dropped", now: clock() });
  }
  const renewsAt = instantOf(plan.line.current_period_end);
  const isNear = renewsAt > clock() && subDays(renewsAt, BEFORE_RENEWAL_DAYS) <= clock();
  const renews =
    CHARGING_STATUSES.includes(state.status) &&
    scheduledEndOf(state) === null &&
    state.schedule === null;
  if (!isNear || !renews || renewsAt < change.noticeEndsAt) return;
  const { id: itemId, quantity = 1 } = plan.line;
  await stripe.subscriptions.update(
    state.id,
    {
      // Without a quantity, Stripe resets it to 1.
      items: [{ id: itemId, price: change.toPriceId, quantity }],
      proration_behavior: "none",
    },
    { idempotencyKey },
  );
  await close(db, { id, status: "applied", effectiveAt: renewsAt, now: clock() });
}

/** Closes the changes that the stored subscription shows as applied or obsolete. */
async function closeOutdated(db: Database, now: Date): Promise<void> {
  const ofScheduled = and(
    eq(subscription.id, priceChange.subscriptionId),
    eq(priceChange.status, "scheduled"),
  );
  await db
    .update(priceChange)
    .set({
      status: "applied",
      // Without a call, the subscriber switched to the new price.
      effectiveAt: sql`coalesce(${priceChange.calledForAt}, ${now.toISOString()}::timestamptz)`,
      closedAt: now,
    })
    .from(subscription)
    .where(and(ofScheduled, eq(subscription.priceId, priceChange.toPriceId)));
  await db
    .update(priceChange)
    .set({ status: "dropped", closedAt: now })
    .from(subscription)
    .where(
      and(
        ofScheduled,
        or(
          inArray(subscription.status, FINAL_STATUSES),
          ne(subscription.priceId, priceChange.fromPriceId),
        ),
      ),
    );
}

/**
 * Whether the email was sent early enough. A delay of more than a day postpones the change. An email that
 * an admin closed counts as sent, because the admin reached the subscriber another way.
 */
function isAnnounced(reader: Pick<Database, "select">) {
  const sentAt = sql`coalesce(${outbox.doneAt}, ${priceChange.createdAt}) - interval '1 day'`;
  const notice = sql`(${priceChange.noticeEndsAt} - ${priceChange.createdAt})`;
  const sent = reader
    .select({ one: sql`1` })
    .from(outbox)
    .where(
      and(
        sql`${outbox.idempotencyKey} = 'email:' || ${announcementKey("")} || ${priceChange.id}::text`,
        inArray(outbox.status, ["done", "closed"]),
        sql`${sentAt} + ${notice} <= ${subscription.currentPeriodEndAt}`,
      ),
    );
  return sql`exists (${sent})`;
}

async function findSubscription(
  { stripe, prices }: BillingDeps,
  id: string,
): Promise<Stripe.Subscription | null> {
  try {
    const state = await stripe.subscriptions.retrieve(id);
    await prices.resolve(state.items.data.map(({ price }) => price.id));
    return state;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function close(
  db: Database,
  {
    id,
    status,
    effectiveAt,
    now,
  }: { id: string; status: "applied" | "dropped"; effectiveAt?: Date; now: Date },
): Promise<void> {
  await db
    .update(priceChange)
    .set({ status, closedAt: now, ...(effectiveAt && { effectiveAt }) })
    .where(and(eq(priceChange.id, id), eq(priceChange.status, "scheduled")));
}
