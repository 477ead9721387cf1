import { and, eq, isNotNull, sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import { creditLot, creditSchedule } from "@/ledger/schema";
import { type AllotmentMonth, allotmentMonthsAt, type SwitchPoint } from "./running-month";

/** What a payment of a subscription buys: monthly credits from an instant on. */
export interface BoughtPlan {
  readonly id: string;
  readonly fromAt: Date;
  readonly untilAt: Date;
  /** Monthly credits at its price, for its quantity. */
  readonly creditsPerMonth: number;
  /** Of its price's terms. */
  readonly graceHours: number | null;
  /** Credits granted for the rest of the running month. */
  readonly upgradeCredits: number;
  /** When a switch of plans ended it (`switchEndOf`). */
  readonly switchedAt: Date | null;
  /** Whether it buys the rest of a period that was running. */
  readonly isWithinPeriod: boolean;
  /** Whether it is a switch within a period to fewer monthly credits, with a schedule of its own. */
  readonly isLowerPromise: boolean;
  readonly isReversed: boolean;
}

/**
 * The credits of an upgrade for the rest of its month: `round((new − old) × remaining ÷ month)`. `old` is
 * the highest plan that the month has had, so a plan that is left and bought again grants nothing twice.
 * In whatever order payments arrive, a month gets at most its highest plan's allotment.
 */
export function upgradeCreditsOf({
  plans,
  month,
  at,
  from,
  to,
  scheduled,
}: {
  /** The subscription's other payments. */
  plans: readonly BoughtPlan[];
  month: AllotmentMonth;
  at: Date;
  /** Monthly credits before and after the switch. */
  from: number;
  to: number;
  /** What schedules have granted for the month. */
  scheduled: number;
}): number {
  const ofMonth = plans.filter(
    ({ fromAt, untilAt, switchedAt, isReversed }) =>
      // A whole reversal cuts the membership, so one that lasts longer was reversed after the switch.
      (!isReversed || untilAt > at) &&
      fromAt < month.endsAt &&
      (untilAt > month.startsAt || (switchedAt !== null && switchedAt >= month.startsAt)),
  );
  const creditsUntil = (instant: Date) =>
    highestOf(ofMonth.filter(({ fromAt }) => fromAt <= instant));
  const old = Math.max(from, creditsUntil(at));
  const share = seconds(month.endsAt, at) / seconds(month.endsAt, month.startsAt);
  const difference = Math.round((to - old) * Math.min(1, share));
  const highest = Math.max(to, highestOf(ofMonth));
  const granted =
    Math.max(scheduled, creditsUntil(month.startsAt)) +
    ofMonth
      .filter(({ fromAt }) => fromAt >= month.startsAt)
      .reduce((sum, { upgradeCredits }) => sum + upgradeCredits, 0);
  return Math.max(0, Math.min(difference, highest - granted));
}

/**
 * The credits of an upgrade at an instant, for the month given. If months overlap there, each of them
 * limits the upgrade.
 */
export async function readUpgradeCredits(
  tx: Transaction,
  switchPoint: SwitchPoint,
  {
    plans,
    month,
    from,
    to,
  }: { plans: readonly BoughtPlan[]; month: AllotmentMonth; from: number; to: number },
): Promise<number> {
  const credits: number[] = [];
  for (const each of [month, ...(await allotmentMonthsAt(tx, switchPoint))]) {
    const { startsAt } = each;
    const scheduled = await readScheduledCredits(tx, { ...switchPoint, startsAt });
    const { at } = switchPoint;
    credits.push(upgradeCreditsOf({ plans, month: each, at, from, to, scheduled }));
  }
  return Math.min(...credits);
}

/** The payments of a subscription that bought membership, oldest first. */
export async function listBoughtPlans(
  tx: Transaction,
  { userId, subscriptionId }: { userId: string; subscriptionId: string },
): Promise<BoughtPlan[]> {
  const rows = await tx
    .select({
      id: payment.id,
      memberFromAt: payment.memberFromAt,
      untilAt: payment.memberUntilAt,
      creditsPerMonth: sql<string>`payment.quantity * coalesce(
        (select max(c.credits) from catalog_price c where c.price_id = payment.price_id), 0)`,
      graceHours: sql<number | null>`(
        select max(c.grace_hours) from catalog_price c where c.price_id = payment.price_id)`,
      upgradeCredits: payment.upgradeCredits,
      switchedAt: payment.switchedAt,
      switchedFromPriceId: payment.switchedFromPriceId,
      fromCreditsPerMonth: sql<string>`payment.quantity * coalesce(
        (select max(c.credits) from catalog_price c where c.price_id = payment.switched_from_price_id), 0)`,
      scheduleId: creditSchedule.id,
      isReversed: payment.isReversed,
    })
    .from(payment)
    .leftJoin(
      creditSchedule,
      and(eq(creditSchedule.userId, payment.userId), eq(creditSchedule.id, payment.id)),
    )
    .where(
      and(
        eq(payment.userId, userId),
        eq(payment.subscriptionId, subscriptionId),
        isNotNull(payment.memberFromAt),
      ),
    )
    .orderBy(payment.memberFromAt, payment.paidAt);
  return rows.flatMap(
    ({ memberFromAt: fromAt, untilAt, fromCreditsPerMonth, scheduleId, ...row }) => {
      if (fromAt === null || untilAt === null) return [];
      const creditsPerMonth = Number(row.creditsPerMonth);
      const isLowerPromise = scheduleId !== null && creditsPerMonth < Number(fromCreditsPerMonth);
      const isWithinPeriod = row.switchedFromPriceId !== null;
      const switchedAt = switchEndOf(row, rows);
      return [
        { ...row, fromAt, untilAt, creditsPerMonth, isWithinPeriod, isLowerPromise, switchedAt },
      ];
    },
  );
}

/**
 * When a switch of plans ended what a payment bought. Null if none did, or if that switch and all later
 * payments of the subscription are switches within the period that were reversed in full.
 */
export function switchEndOf(
  { id, switchedAt }: { id: string; switchedAt: Date | null },
  payments: readonly {
    id: string;
    memberFromAt: Date | null;
    switchedFromPriceId: string | null;
    isReversed: boolean;
  }[],
): Date | null {
  if (switchedAt === null) return null;
  const later = payments.filter(
    (each) => each.id !== id && each.memberFromAt !== null && each.memberFromAt >= switchedAt,
  );
  const isUndone = later.every((each) => each.isReversed && each.switchedFromPriceId !== null);
  return later.length > 0 && isUndone ? null : switchedAt;
}

/** What a subscription's schedules have granted for the month that begins at an instant. */
async function readScheduledCredits(
  tx: Transaction,
  { userId, subscriptionId, startsAt }: { userId: string; subscriptionId: string; startsAt: Date },
): Promise<number> {
  const [row] = await tx
    .select({ credits: sql<string>`coalesce(sum(${creditLot.amount}), 0)` })
    .from(creditSchedule)
    .innerJoin(
      creditLot,
      and(eq(creditLot.userId, creditSchedule.userId), eq(creditLot.source, creditSchedule.id)),
    )
    .innerJoin(
      payment,
      and(
        eq(payment.userId, creditSchedule.userId),
        eq(payment.id, creditSchedule.id),
        eq(payment.isReversed, false),
      ),
    )
    .where(
      and(
        eq(creditSchedule.userId, userId),
        eq(creditSchedule.subscriptionId, subscriptionId),
        isNotNull(creditLot.periodNumber),
        sql`credits_add_months(${creditSchedule.anchorAt}, ${creditLot.periodNumber}) = ${startsAt.toISOString()}::timestamptz`,
      ),
    );
  return Number(row?.credits ?? 0);
}

function highestOf(plans: readonly BoughtPlan[]): number {
  return Math.max(0, ...plans.map(({ creditsPerMonth }) => creditsPerMonth));
}

function seconds(later: Date, earlier: Date): number {
  return Math.max(0, (later.getTime() - earlier.getTime()) / 1000);
}
