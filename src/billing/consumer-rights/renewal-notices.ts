import { addDays, subDays } from "date-fns";
import { and, eq, gt, inArray, isNull, lte, notExists, or, sql } from "drizzle-orm";
import type Stripe from "stripe";
import { catalog } from "@/catalog/catalog";
import { ITEMS, type SubscriptionItem } from "@/catalog/items";
import type { Transaction } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import { catalogPrice, notification, priceChange, subscription } from "@/db/schema";
import { localeOf } from "@/lib/locales";
import { addNoticeAndEmail } from "@/notifications/notices";
import type { BillingDeps } from "../deps";
import { applyEffect, handled } from "../effect";
import { isRefused } from "../stripe/call-stripe";
import { instantOf } from "../stripe/values";
import { planItemOf, scheduledEndOf, scheduledSwitchOf } from "../subscriptions/live-subscriptions";
import { fetchSubscription, syncSubscription } from "../subscriptions/sync-subscription";

/** An email about a new price this long before a renewal has announced that renewal. */
const PRICE_CHANGE_ANNOUNCES_DAYS = 90;

const BATCH_SIZE = 50;
const YEARLY_ITEMS = ITEMS.filter(({ interval }) => interval === "year").map(({ id }) => id);

/**
 * Announces the renewals of yearly plans that are near, by email and notification, once per renewal. Our
 * copy only finds the subscriptions: each is read from Stripe and synced first, so that one that was
 * cancelled or switched gets no email. Stops at `until` by billing's clock; the next call resumes.
 */
export async function announceRenewals(
  billing: BillingDeps,
  { now, until }: { now: Date; until: Date },
): Promise<void> {
  const days = catalog.consumerRights?.renewalNoticeDays ?? null;
  if (days === null) return;
  const seen: string[] = [];
  while (billing.clock() < until) {
    const due = (await listDue(billing, { now, days })).filter(({ id }) => !seen.includes(id));
    if (due.length === 0) return;
    for (const candidate of due) {
      if (billing.clock() >= until) return;
      seen.push(candidate.id);
      await announceRenewal(billing, { ...candidate, days, now });
    }
  }
}

interface Candidate {
  readonly id: string;
  readonly userId: string;
  /** The price of a change that was announced long ago and applies at this renewal. */
  readonly changedTo: { readonly amountCents: number; readonly item: string } | null;
}

async function listDue(
  { db }: BillingDeps,
  { now, days }: { now: Date; days: number },
): Promise<Candidate[]> {
  const { currentPeriodEndAt: renewsAt } = subscription;
  const changed = { amount: catalogPrice.amount, item: catalogPrice.item };
  const rows = await db
    .select({
      id: subscription.id,
      userId: subscription.userId,
      quantity: priceChange.quantity,
      ...changed,
    })
    .from(subscription)
    .leftJoin(
      priceChange,
      and(eq(priceChange.subscriptionId, subscription.id), eq(priceChange.status, "scheduled")),
    )
    .leftJoin(
      catalogPrice,
      and(
        eq(catalogPrice.priceId, priceChange.toPriceId),
        eq(catalogPrice.currency, priceChange.currency),
      ),
    )
    .where(
      and(
        eq(subscription.status, "active"),
        inArray(subscription.plan, YEARLY_ITEMS),
        gt(renewsAt, now),
        lte(renewsAt, addDays(now, days)),
        isNull(subscription.cancelAt),
        eq(subscription.cancelAtPeriodEnd, false),
        or(
          isNull(subscription.scheduledItem),
          inArray(subscription.scheduledItem, YEARLY_ITEMS),
          gt(subscription.scheduledAt, renewsAt),
        ),
        or(
          isNull(priceChange.id),
          gt(priceChange.noticeEndsAt, renewsAt),
          lte(
            priceChange.createdAt,
            sql`${renewsAt} - make_interval(days => ${PRICE_CHANGE_ANNOUNCES_DAYS})`,
          ),
        ),
        notExists(
          db
            .select({ one: sql`1` })
            .from(notification)
            .where(
              and(
                eq(notification.userId, subscription.userId),
                sql`${notification.key} = 'renewal:' || ${subscription.id} || ':' || extract(epoch from ${renewsAt})::bigint`,
              ),
            ),
        ),
      ),
    )
    .orderBy(renewsAt)
    .limit(BATCH_SIZE);
  return rows.map(({ id, userId, amount, item, quantity }) => ({
    id,
    userId,
    changedTo:
      amount === null || item === null ? null : { amountCents: amount * (quantity ?? 1), item },
  }));
}

async function announceRenewal(
  billing: BillingDeps,
  { id, userId, changedTo, days, now }: Candidate & { days: number; now: Date },
): Promise<void> {
  const fetched = await fetchSubscription(billing, id);
  const renewal = await findRenewal(billing, fetched.subscription);
  await applyEffect(billing, async (tx) => {
    const owner = await lockUser(tx, userId);
    if (owner === null) return handled("the user is unknown", null);
    const { deletedAt } = owner;
    const credits = await syncSubscription(tx, billing, { ...fetched, userId, deletedAt });
    const isNear =
      renewal !== null && renewal.renewsAt > now && subDays(renewal.renewsAt, days) <= now;
    if (isNear && deletedAt === null) {
      await sendRenewalNotice(tx, {
        owner,
        subscriptionId: id,
        renewal: { ...renewal, ...changedTo },
        now,
      });
    }
    return handled("synced before its renewal", userId, credits);
  });
}

interface Renewal {
  readonly item: string;
  readonly renewsAt: Date;
  readonly amountCents: number;
  readonly currency: string;
}

/** The yearly renewal that Stripe will charge next; null if there is none. */
async function findRenewal(
  billing: BillingDeps,
  state: Stripe.Subscription,
): Promise<Renewal | null> {
  const plan = planItemOf(billing, state);
  if (plan === null || state.status !== "active" || scheduledEndOf(state) !== null) return null;
  const renewsAt = instantOf(plan.line.current_period_end);
  const scheduled = scheduledSwitchOf(state);
  const next =
    scheduled !== null && scheduled.at <= renewsAt
      ? billing.prices.itemOf(scheduled.priceId)
      : plan.item;
  if (!isYearly(next)) return null;
  try {
    const { amount_due: amountCents, currency } = await billing.stripe.invoices.createPreview({
      subscription: state.id,
    });
    return { item: next.id, renewsAt, amountCents, currency };
  } catch (error) {
    // Cancelled since it was read: no invoice will follow.
    if (isRefused(error)) return null;
    throw error;
  }
}

function isYearly(item: { interval?: unknown; kind: string } | null): item is SubscriptionItem {
  return item?.kind === "subscription" && item.interval === "year";
}

async function sendRenewalNotice(
  tx: Transaction,
  {
    owner,
    subscriptionId,
    renewal,
    now,
  }: {
    owner: { id: string; email: string; locale: string; timeZone: string };
    subscriptionId: string;
    renewal: Renewal;
    now: Date;
  },
): Promise<void> {
  const { item, amountCents, currency } = renewal;
  const key = `renewal:${subscriptionId}:${renewal.renewsAt.getTime() / 1000}`;
  const facts = { item, amountCents, currency, renewsAt: renewal.renewsAt.toISOString() };
  const { id: userId, email: to, timeZone } = owner;
  const email = {
    key,
    userId,
    to,
    locale: localeOf(owner.locale),
    template: "renewal-notice" as const,
    props: { timeZone, ...facts },
  };
  await addNoticeAndEmail(
    tx,
    { notice: { kind: "renewal" as const, userId, key, facts }, email },
    now,
  );
}
