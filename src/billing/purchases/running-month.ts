import { max, subHours } from "date-fns";
import { and, eq, lte } from "drizzle-orm";
import { catalog } from "@/catalog/catalog";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import { creditLot, creditSchedule, creditTransaction } from "@/ledger/schema";
import { monthsAfter } from "@/lib/utc-period";
import { earlier } from "../stripe/values";

export interface SwitchPoint {
  readonly userId: string;
  readonly subscriptionId: string;
  /** The start of the new period. */
  readonly at: Date;
}

/**
 * Returns the end of the month that the subscription's latest allotment is for, or null unless it is
 * after `at`. The due dates decide, not the lots' expiry: a lot that was booked late outlasts its
 * month. A month that is due but not granted yet counts as well. A month whose payment was reversed
 * whole does not.
 */
export async function runningMonthEnd(
  tx: Transaction,
  switchPoint: SwitchPoint,
): Promise<Date | null> {
  const ends = [
    ...(await grantedMonthEnds(tx, switchPoint)),
    ...(await dueMonthEnds(tx, switchPoint)),
  ].filter((end) => end > switchPoint.at);
  return ends.length === 0 ? null : max(ends);
}

async function grantedMonthEnds(
  tx: Transaction,
  { userId, subscriptionId }: SwitchPoint,
): Promise<Date[]> {
  const allotments = await tx
    .select({
      periodNumber: creditLot.periodNumber,
      bookedAt: creditTransaction.bookedAt,
      expiresAt: creditLot.expiresAt,
      anchorAt: creditSchedule.anchorAt,
      periodStartsAt: payment.memberFromAt,
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
        eq(payment.isReversed, false),
      ),
    );
  return allotments.flatMap((allotment) => monthEndOf(allotment) ?? []);
}

function monthEndOf(allotment: {
  periodNumber: number | null;
  bookedAt: Date;
  expiresAt: Date | null;
  anchorAt: Date | null;
  periodStartsAt: Date | null;
}): Date | null {
  const { periodNumber, bookedAt, expiresAt, anchorAt, periodStartsAt } = allotment;
  if (anchorAt !== null) return monthsAfter(anchorAt, (periodNumber ?? 0) + 1);
  if (expiresAt === null) return null;
  // A month without a schedule: its lot expires a grace after the period. If it was booked after
  // the period, the expiry counts from the booking, and the period's start gives the month's end.
  const until = subHours(expiresAt, catalog.allotmentGraceHours);
  if (until > bookedAt || periodStartsAt === null) return until;
  return earlier(until, monthsAfter(periodStartsAt, 1));
}

/** Ends of the months that are due by `at` and that the next run will grant. */
async function dueMonthEnds(
  tx: Transaction,
  { userId, subscriptionId, at }: SwitchPoint,
): Promise<Date[]> {
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
  return due.map(({ anchorAt, nextN }) => {
    let n = nextN + 1;
    while (monthsAfter(anchorAt, n) <= at) n += 1;
    return monthsAfter(anchorAt, n);
  });
}
