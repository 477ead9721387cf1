import { subDays } from "date-fns";
import { and, desc, eq, gt, inArray, isNotNull, isNull, lt, lte, or } from "drizzle-orm";
import { catalog } from "@/catalog/catalog";
import type { Executor } from "@/db/client";
import { catalogPrice, checkoutSession, payment, subscription, trial } from "@/db/schema";
import { readPriceChange, type UpcomingTerms } from "./price-changes/read-price-change";
import { type SoldTerms, soldTerms } from "./prices/terms";
import { isLive } from "./subscriptions/live-subscriptions";
import { FOREVER } from "./subscriptions/membership";

export type Subscription = typeof subscription.$inferSelect;
export type Payment = typeof payment.$inferSelect;

export interface Membership {
  /** The item of the plan at that instant, paid or in a trial; the free plan's id without one. */
  readonly plan: string;
  readonly kind: "free" | "subscription" | "lifetime";
  /**
   * The terms that were paid for, or that apply when the trial ends. Independent of today's catalogue. Null
   * for the free plan and in a trial that an operator gave.
   */
  readonly terms: SoldTerms | null;
  /** Terms that apply from a later renewal on. */
  readonly upcomingTerms: UpcomingTerms | null;
  /** Start of this membership; null for free. */
  readonly since: Date | null;
  /** End of the paid time or the trial; null for free and lifetime. */
  readonly until: Date | null;
  /** The subscription's next charge; null if there is none. */
  readonly renewsAt: Date | null;
  /** When the subscription is set to end; null if it renews. */
  readonly cancelAt: Date | null;
  /** The plan that a scheduled switch changes the subscription to; null without one. */
  readonly scheduled: { readonly plan: string; readonly at: Date } | null;
  /** The live subscription's status at Stripe; "active" for lifetime, "none" without either. */
  readonly status: string;
  /** The live subscription's currency, to which Stripe binds the next one; null if there is none. */
  readonly boundCurrency: string | null;
  /** The running trial, or the one whose first charge is on its way; null without either. */
  readonly trial: RunningTrial | null;
  /** The subscription whose running period is not paid; null if it is paid, in a trial, or there is none. */
  readonly unpaid: UnpaidPlan | null;
}

/** A live subscription without paid time. It grants nothing. */
export interface UnpaidPlan {
  readonly plan: string;
  /** Today's terms of the subscription; null if its price is unknown. */
  readonly terms: SoldTerms | null;
  readonly since: Date;
  /**
   * Its payment is on its way or has failed, and it keeps its name on every page; or its payment was
   * returned in full, and it is being cancelled.
   */
  readonly reason: "payment" | "reversal";
}

/** The item of the plan that pages name: the paid one, the trial's or the one that waits for a payment. */
export function shownPlan({ plan, unpaid }: Pick<Membership, "plan" | "unpaid">): string {
  return unpaid?.reason === "payment" ? unpaid.plan : plan;
}

export interface RunningTrial {
  readonly endsAt: Date;
  /** The trial's lot. Zero for a trial that an operator gave. */
  readonly credits: number;
  /** What the end charges, in minor units; null if nothing or not known. */
  readonly firstCharge: { readonly amountCents: number; readonly currency: string } | null;
}

/**
 * A user's membership at an instant. Paid time makes a member: a lifetime purchase or a paid
 * invoice's period. The subscription only shows what happens next.
 */
export async function getMembership(
  reader: Executor,
  { userId, at }: { userId: string; at: Date },
): Promise<Membership> {
  const paid = await reader
    .select({ period: payment, sold: catalogPrice })
    .from(payment)
    .leftJoin(
      catalogPrice,
      and(eq(catalogPrice.priceId, payment.priceId), eq(catalogPrice.currency, payment.currency)),
    )
    .where(
      and(
        eq(payment.userId, userId),
        isNotNull(payment.memberFromAt),
        lte(payment.memberFromAt, at),
        gt(payment.memberUntilAt, at),
      ),
    )
    // Within a period, the latest switch of plans counts.
    .orderBy(
      desc(payment.memberUntilAt),
      desc(payment.memberFromAt),
      desc(isNotNull(payment.switchedFromPriceId)),
      desc(payment.id),
    );
  const live = await findLiveSubscription(reader, userId);
  const renewal = nextChangeOf(live, at);
  const upcomingTerms =
    live !== null && renewal.cancelAt === null ? await readPriceChange(reader, live, at) : null;
  const scheduled = upcomingSwitchOf(live, at);
  const next = { ...renewal, upcomingTerms, scheduled, boundCurrency: live?.currency ?? null };
  const { period, sold = null } = latestOf(paid, live) ?? {};
  const terms = period === undefined || sold === null ? null : soldTerms(sold, period.quantity);
  const status = live?.status ?? "none";
  if (period?.memberUntilAt?.getTime() === FOREVER.getTime()) {
    const { item: plan, memberFromAt: since } = period;
    const upcoming = { ...next, upcomingTerms: null, scheduled: null };
    const ends = { until: null, status: "active", trial: null, unpaid: null };
    return { plan, kind: "lifetime", terms, since, ...upcoming, ...ends };
  }
  if (period !== undefined) {
    return {
      plan: period.item,
      kind: "subscription",
      terms,
      since: live?.id === period.subscriptionId ? live.createdAt : period.memberFromAt,
      until: period.memberUntilAt,
      ...next,
      status: live === null ? "canceled" : status,
      trial: null,
      unpaid: null,
    };
  }
  const running = live === null ? null : await findRunningTrial(reader, live);
  if (live !== null && live.plan !== null && running !== null) {
    const { plan, createdAt: since } = live;
    const ends = { until: running.trial.endsAt, ...next };
    return { plan, kind: "subscription", since, ...ends, status, ...running, unpaid: null };
  }
  const unpaid = live === null ? null : await findUnpaidPlan(reader, live, at);
  const { id: plan } = catalog.freePlan;
  const none = { terms: null, since: null, until: null, trial: null };
  return { plan, kind: "free", ...none, ...next, status, unpaid };
}

async function findUnpaidPlan(
  reader: Executor,
  live: Subscription,
  at: Date,
): Promise<UnpaidPlan | null> {
  const { id, userId, plan, priceId, currency, status, createdAt } = live;
  const end = endOf(live);
  // The event of its end is late.
  const isOver = end !== null && end <= at;
  if (plan === null || isOver || (status !== "active" && status !== "past_due")) return null;
  const [[last], [sold]] = await Promise.all([
    reader
      .select({ isReversed: payment.isReversed, quantity: payment.quantity })
      .from(payment)
      .where(
        and(
          eq(payment.userId, userId),
          eq(payment.subscriptionId, id),
          isNotNull(payment.memberFromAt),
          isNull(payment.switchedFromPriceId),
        ),
      )
      .orderBy(desc(payment.memberFromAt))
      .limit(1),
    reader
      .select()
      .from(catalogPrice)
      .where(
        and(
          eq(catalogPrice.priceId, priceId),
          eq(catalogPrice.currency, currency ?? catalog.currency),
        ),
      ),
  ]);
  return {
    plan,
    terms: sold === undefined ? null : soldTerms(sold, last?.quantity ?? 1),
    since: createdAt,
    reason: last?.isReversed ? "reversal" : "payment",
  };
}

/**
 * The latest of a user's paid periods, which are sorted. Of several switches of plans in one second, it is
 * the one whose price no other left, or else the one at the subscription's price.
 */
function latestOf<Paid extends { period: Payment }>(
  paid: readonly Paid[],
  live: Subscription | null,
): Paid | undefined {
  const [first] = paid;
  const rank = ({ memberFromAt, memberUntilAt }: Payment) =>
    `${memberFromAt?.getTime()} ${memberUntilAt?.getTime()}`;
  const tied = paid.filter(
    ({ period }) =>
      period.switchedFromPriceId !== null && first && rank(period) === rank(first.period),
  );
  const left = tied.map(({ period }) => period.switchedFromPriceId);
  return (
    tied.find(({ period }) => !left.includes(period.priceId)) ??
    tied.find(({ period }) => period.priceId === live?.priceId) ??
    first
  );
}

/**
 * The trial of a subscription before its first payment, and the terms that follow. Stripe starts the
 * first period when the trial ends, and charges it about an hour later.
 */
async function findRunningTrial(
  reader: Executor,
  { id, status, priceId, trialEndAt: endsAt, currentPeriodStartAt }: Subscription,
): Promise<(Pick<Membership, "terms"> & { trial: RunningTrial }) | null> {
  if (endsAt === null) return null;
  const isCharging = status === "active" && currentPeriodStartAt?.getTime() === endsAt.getTime();
  if (status !== "trialing" && !isCharging) return null;
  const [known] = await reader
    .select({ trial, sold: catalogPrice })
    .from(trial)
    .leftJoin(
      catalogPrice,
      and(eq(catalogPrice.priceId, priceId), eq(catalogPrice.currency, trial.currency)),
    )
    .where(eq(trial.subscriptionId, id));
  if (known === undefined) return { terms: null, trial: { endsAt, credits: 0, firstCharge: null } };
  const { credits, firstChargeCents: amountCents, currency } = known.trial;
  const firstCharge = amountCents === null ? null : { amountCents, currency };
  const terms = known.sold === null ? null : soldTerms(known.sold, 1);
  return { terms, trial: { endsAt, credits, firstCharge } };
}

function upcomingSwitchOf(live: Subscription | null, at: Date): Membership["scheduled"] {
  if (!live?.scheduledItem || live.scheduledAt === null || live.scheduledAt <= at) return null;
  return { plan: live.scheduledItem, at: live.scheduledAt };
}

/** A renewal in the past is under way: its event is late. */
function nextChangeOf(
  live: Subscription | null,
  at: Date,
): { renewsAt: Date | null; cancelAt: Date | null } {
  if (live === null) return { renewsAt: null, cancelAt: null };
  const { currentPeriodEndAt: periodEnd, status } = live;
  const cancelAt = endOf(live);
  const renews =
    (status === "active" || status === "trialing") && periodEnd !== null && periodEnd > at;
  return { renewsAt: cancelAt === null && renews ? periodEnd : null, cancelAt };
}

/** When a subscription is set to end; null if it renews. */
export function endOf({
  cancelAt,
  cancelAtPeriodEnd,
  currentPeriodEndAt,
}: Pick<Subscription, "cancelAt" | "cancelAtPeriodEnd" | "currentPeriodEndAt">): Date | null {
  return cancelAt ?? (cancelAtPeriodEnd ? currentPeriodEndAt : null);
}

async function findLiveSubscription(
  reader: Executor,
  userId: string,
): Promise<Subscription | null> {
  return liveOf(await listSubscriptions(reader, { userId }));
}

/** The live subscription among a user's, which are newest first; null if all have ended. */
export function liveOf(subscriptions: readonly Subscription[]): Subscription | null {
  const live = subscriptions.filter(({ status }) => isLive(status));
  return live.find(({ status }) => status !== "incomplete") ?? live[0] ?? null;
}

/** All a user's subscriptions, newest first. */
export async function listSubscriptions(
  reader: Executor,
  { userId }: { userId: string },
): Promise<Subscription[]> {
  return reader
    .select()
    .from(subscription)
    .where(eq(subscription.userId, userId))
    .orderBy(desc(subscription.createdAt), desc(subscription.id));
}

/** A bank debit this old has arrived or failed; its event was lost. */
const PENDING_DAYS = 30;

/** A complete session whose payment takes days. `id` is the session's. */
export interface PendingPayment {
  readonly id: string;
  readonly item: string;
  readonly createdAt: Date;
}

/** What a user has bought with a payment method that takes days, newest first. */
export async function listPendingPayments(
  reader: Executor,
  { userId, at }: { userId: string; at: Date },
): Promise<PendingPayment[]> {
  const { id, item, createdAt, status } = checkoutSession;
  return reader
    .select({ id, item, createdAt })
    .from(checkoutSession)
    .where(
      and(
        eq(checkoutSession.userId, userId),
        eq(status, "complete"),
        gt(createdAt, subDays(at, PENDING_DAYS)),
      ),
    )
    .orderBy(desc(createdAt));
}

/** The last row of a page of payments. */
export interface PaymentCursor {
  readonly paidAt: Date;
  readonly id: string;
}

/** The payments among these ids (`checkout:cs_…`, `invoice:in_…`). */
export async function findPaymentsById(
  reader: Executor,
  { userId, ids }: { userId: string; ids: readonly string[] },
): Promise<Payment[]> {
  if (ids.length === 0) return [];
  return reader
    .select()
    .from(payment)
    .where(and(eq(payment.userId, userId), inArray(payment.id, [...ids])));
}

/** A page of a user's payments, newest first. */
export async function listPayments(
  reader: Executor,
  {
    userId,
    before,
    isRefunded,
    anyOf: found,
    limit = 20,
  }: {
    userId: string;
    before?: PaymentCursor;
    /** Only those with a refund, or only those without one. */
    isRefunded?: boolean;
    /** Only those of one of these items or invoices. */
    anyOf?: { readonly items: readonly string[]; readonly invoiceIds: readonly string[] };
    limit?: number;
  },
): Promise<{ rows: Payment[]; nextBefore: PaymentCursor | null }> {
  const rows = await reader
    .select()
    .from(payment)
    .where(
      and(
        eq(payment.userId, userId),
        isRefunded === undefined
          ? undefined
          : isRefunded
            ? gt(payment.refundedCents, 0)
            : eq(payment.refundedCents, 0),
        found &&
          or(
            inArray(payment.item, [...found.items]),
            inArray(payment.invoiceId, [...found.invoiceIds]),
          ),
        before &&
          or(
            lt(payment.paidAt, before.paidAt),
            and(eq(payment.paidAt, before.paidAt), lt(payment.id, before.id)),
          ),
      ),
    )
    .orderBy(desc(payment.paidAt), desc(payment.id))
    .limit(limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { rows: page, nextBefore: more ? { paidAt: last.paidAt, id: last.id } : null };
}
