import { and, eq, gt, lte, or } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import { creditLot, creditSchedule, creditTransaction } from "@/ledger/schema";
import { monthsAfter } from "@/lib/utc-period";

export interface SwitchPoint {
  readonly userId: string;
  readonly subscriptionId: string;
  /** The start of the new period. */
  readonly at: Date;
}

/** A month of allotments. */
export interface AllotmentMonth {
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/**
 * Returns the month that the subscription's latest allotment is for, or null unless it ends after `at`.
 * The due dates decide, not the lots' expiry: a lot that was booked late outlasts its month. A month
 * that is due but not granted yet counts as well. A month whose payment was reversed in full by then does not.
 */
export async function runningMonth(
  tx: Transaction,
  switchPoint: SwitchPoint,
): Promise<AllotmentMonth | null> {
  const months = [
    ...(await grantedMonths(tx, switchPoint)),
    ...(await dueMonths(tx, switchPoint)),
  ].filter(({ endsAt }) => endsAt > switchPoint.at);
  return latestOf(months);
}

/**
 * Returns the months of allotments that contain `at`, granted or due. Switches between intervals let them
 * overlap.
 * Upgrades are left out: their month has an allotment too, or is a billed period.
 */
export async function allotmentMonthsAt(
  tx: Transaction,
  switchPoint: SwitchPoint,
): Promise<AllotmentMonth[]> {
  const { at } = switchPoint;
  const granted = await grantedMonths(tx, switchPoint);
  const months = [
    ...granted.filter(({ isUpgrade }) => !isUpgrade),
    ...(await dueMonths(tx, switchPoint)),
  ];
  return months.filter(({ startsAt, endsAt }) => startsAt <= at && endsAt > at);
}

/**
 * The month that ends last. Of those that end together, the one that starts last: the start of an
 * upgrade's month is derived from its end, which gives the 28th of January for a month that began on the
 * 31st and ends in February.
 */
function latestOf(months: readonly AllotmentMonth[]): AllotmentMonth | null {
  const [latest = null] = [...months].sort(
    (a, b) =>
      b.endsAt.getTime() - a.endsAt.getTime() || b.startsAt.getTime() - a.startsAt.getTime(),
  );
  return latest;
}

async function grantedMonths(
  tx: Transaction,
  { userId, subscriptionId, at }: SwitchPoint,
): Promise<(AllotmentMonth & { isUpgrade: boolean })[]> {
  const allotments = await tx
    .select({
      periodNumber: creditLot.periodNumber,
      anchorAt: creditSchedule.anchorAt,
      paidFromAt: payment.memberFromAt,
      monthEndsAt: payment.monthEndsAt,
      upgradeCredits: payment.upgradeCredits,
    })
    .from(payment)
    .innerJoin(
      creditTransaction,
      and(
        eq(creditTransaction.userId, payment.userId),
        eq(creditTransaction.source, payment.id),
        eq(creditTransaction.operation, "grant"),
      ),
    )
    .innerJoin(
      creditLot,
      and(eq(creditLot.userId, creditTransaction.userId), eq(creditLot.seq, creditTransaction.seq)),
    )
    .leftJoin(
      creditSchedule,
      and(eq(creditSchedule.userId, payment.userId), eq(creditSchedule.id, payment.id)),
    )
    .where(
      and(
        eq(payment.userId, userId),
        eq(payment.subscriptionId, subscriptionId),
        // A whole reversal cuts the membership, so one that lasts longer was reversed after `at`.
        or(eq(payment.isReversed, false), gt(payment.memberUntilAt, at)),
      ),
    );
  return allotments.flatMap((allotment) => monthOf(allotment) ?? []);
}

function monthOf(allotment: {
  periodNumber: number | null;
  anchorAt: Date | null;
  paidFromAt: Date | null;
  monthEndsAt: Date | null;
  upgradeCredits: number;
}): (AllotmentMonth & { isUpgrade: boolean }) | null {
  const { periodNumber, anchorAt, paidFromAt, monthEndsAt: endsAt } = allotment;
  // An upgrade's own lot is for the running month; lots of its schedule have a period number.
  const isUpgrade = allotment.upgradeCredits > 0 && periodNumber === null;
  if (anchorAt !== null && !isUpgrade) {
    return { ...monthFrom(anchorAt, periodNumber ?? 0), isUpgrade };
  }
  if (endsAt === null) return null;
  const startsAt = isUpgrade || paidFromAt === null ? monthsAfter(endsAt, -1) : paidFromAt;
  return { startsAt, endsAt, isUpgrade };
}

/** Months due by `at` that the next run will grant. */
async function dueMonths(
  tx: Transaction,
  { userId, subscriptionId, at }: SwitchPoint,
): Promise<AllotmentMonth[]> {
  const due = await tx
    .select({ anchorAt: creditSchedule.anchorAt, nextN: creditSchedule.nextN })
    .from(creditSchedule)
    .where(
      and(
        eq(creditSchedule.userId, userId),
        eq(creditSchedule.subscriptionId, subscriptionId),
        lte(creditSchedule.nextDueAt, at),
      ),
    );
  return due.map(({ anchorAt, nextN }) =>
    monthFrom(anchorAt, nextMonth(anchorAt, at, nextN + 1) - 1),
  );
}

/** The number of the first month after `at`, of those counted from an anchor; at least `first`. */
export function nextMonth(anchorAt: Date, at: Date, first = 0): number {
  let n = first;
  while (monthsAfter(anchorAt, n) <= at) n += 1;
  return n;
}

/** Month `n` of those counted from an anchor. */
export function monthFrom(anchorAt: Date, n: number): AllotmentMonth {
  return { startsAt: monthsAfter(anchorAt, n), endsAt: monthsAfter(anchorAt, n + 1) };
}
