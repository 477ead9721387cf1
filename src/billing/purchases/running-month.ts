import { subHours } from "date-fns";
import { and, eq, lte } from "drizzle-orm";
import { ALLOTMENT_GRACE_HOURS } from "@/catalog/catalog";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import { monthsAfter } from "@/ledger/schedules";
import { creditLot, creditSchedule, creditTransaction } from "@/ledger/schema";
import { earlier } from "../stripe/stripe-ids";

interface Of {
  readonly userId: string;
  readonly subscriptionId: string;
  readonly at: Date;
}

/**
 * Returns the end of the month that the subscription's latest allotment is for, or null unless it is
 * after `at`. The due dates decide, not the lots' expiry: a lot that was booked late outlasts its
 * month. A month that is due but not granted yet counts as well.
 */
export async function runningMonthEnd(tx: Transaction, of: Of): Promise<Date | null> {
  const ends = [...(await grantedMonthEnds(tx, of)), ...(await dueMonthEnds(tx, of))];
  return ends
    .filter((end) => end > of.at)
    .reduce<Date | null>((last, end) => (last === null || end > last ? end : last), null);
}

async function grantedMonthEnds(tx: Transaction, { userId, subscriptionId }: Of): Promise<Date[]> {
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
    .where(and(eq(payment.userId, userId), eq(payment.subscriptionId, subscriptionId)));
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
  // A month's own invoice: its lot ends a grace after the period, or after the booking if that was
  // later still; then only the period's beginning tells where it ended.
  const until = subHours(expiresAt, ALLOTMENT_GRACE_HOURS);
  if (until > bookedAt || periodStartsAt === null) return until;
  return earlier(until, monthsAfter(periodStartsAt, 1));
}

/** The months that fell due by `at` and will be granted by the next run. */
async function dueMonthEnds(tx: Transaction, { userId, subscriptionId, at }: Of): Promise<Date[]> {
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
