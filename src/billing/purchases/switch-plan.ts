import { max, subHours } from "date-fns";
import { and, eq, gt, isNull, lte, or } from "drizzle-orm";
import { ALLOTMENT_GRACE_HOURS } from "@/catalog/catalog";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import { endSchedules, openYearlySchedule } from "@/ledger/schedules";
import { creditLot, creditSchedule, creditTransaction } from "@/ledger/schema";
import { monthsAfter } from "@/lib/utc-period";
import type { CreditWrite } from "../effect";
import { earlier } from "../stripe/ask-stripe";
import type { PlanLine } from "./load-invoice";
import { insertInvoicePayment, type PaidInvoice, startPeriod } from "./paid-period";
import { sendPurchaseReceived } from "./receipts";

/**
 * Applies a switch of plans that started a new period. While an allotment month of the subscription
 * is running, nothing is granted, so switching back and forth creates no credits. A year's schedule
 * then starts when the running month ends. A negative invoice never grants.
 *
 * What the old plan promised after the switch ends with it, because Stripe credited its unused time.
 * Periods that began after the switch (whose invoice may be paid late) are unchanged.
 */
export async function switchPlan(
  tx: Transaction,
  switched: PaidInvoice & { period: PlanLine },
): Promise<CreditWrite[]> {
  const { userId, invoice, subscription, period, now } = switched;
  const switchPoint = { userId, subscriptionId: subscription.id, at: period.startsAt };
  const oldSchedules = await listOldSchedules(tx, switchPoint);
  const endOld = oldSchedules.map(
    (source): CreditWrite =>
      (last) =>
        endSchedules(last, { userId, source, endsAt: period.startsAt }),
  );
  await endOldMembership(tx, switchPoint);

  const monthEndsAt = await runningMonthEnd(tx, switchPoint);
  if (monthEndsAt === null && invoice.total >= 0) {
    return [...endOld, ...(await startPeriod(tx, switched))];
  }
  const isNew = await insertInvoicePayment(tx, { ...switched, credits: 0 });
  const isYear = period.item.id === "pro-yearly";
  const creditsFrom = isYear ? (monthEndsAt ?? period.startsAt) : period.endsAt;
  if (isNew && invoice.amount_paid > 0) await sendReceipt(tx, { ...switched, creditsFrom });
  if (!isYear) return endOld;
  const schedule = {
    userId,
    subscriptionId: subscription.id,
    source: `invoice:${invoice.id}`,
    credits: period.item.creditsPerMonth,
    anchorAt: creditsFrom,
    firstN: monthEndsAt === null ? 1 : 0,
    endsAt: period.endsAt,
    now,
  };
  return [...endOld, (last) => openYearlySchedule(last, schedule)];
}

interface SwitchPoint {
  readonly userId: string;
  readonly subscriptionId: string;
  /** The start of the new period. */
  readonly at: Date;
}

/** Schedules of periods that began by the switch and promise months after it. */
async function listOldSchedules(
  tx: Transaction,
  { userId, subscriptionId, at }: SwitchPoint,
): Promise<string[]> {
  const old = await tx
    .select({ id: creditSchedule.id })
    .from(creditSchedule)
    .innerJoin(
      payment,
      and(eq(payment.userId, creditSchedule.userId), eq(payment.id, creditSchedule.id)),
    )
    .where(
      and(
        eq(creditSchedule.userId, userId),
        eq(creditSchedule.subscriptionId, subscriptionId),
        lte(payment.memberFromAt, at),
        or(isNull(creditSchedule.endsAt), gt(creditSchedule.endsAt, at)),
      ),
    );
  return old.map(({ id }) => id);
}

/** The old plan's paid time ends where the new period starts. */
async function endOldMembership(
  tx: Transaction,
  { userId, subscriptionId, at }: SwitchPoint,
): Promise<void> {
  await tx
    .update(payment)
    .set({ memberUntilAt: at })
    .where(
      and(
        eq(payment.userId, userId),
        eq(payment.subscriptionId, subscriptionId),
        lte(payment.memberFromAt, at),
        gt(payment.memberUntilAt, at),
      ),
    );
}

/**
 * Returns the end of the month that the subscription's latest allotment is for, or null unless it is
 * after `at`. The due dates decide, not the lots' expiry: a lot that was booked late outlasts its
 * month. A month that is due but not granted yet counts as well.
 */
async function runningMonthEnd(tx: Transaction, switchPoint: SwitchPoint): Promise<Date | null> {
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
  // A month without a schedule: its lot expires a grace after the period. If it was booked after
  // the period, the expiry counts from the booking, and the period's start gives the month's end.
  const until = subHours(expiresAt, ALLOTMENT_GRACE_HOURS);
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

/** The receipt says from when the payment brings credits. */
async function sendReceipt(
  tx: Transaction,
  switched: PaidInvoice & { period: PlanLine; creditsFrom: Date },
): Promise<void> {
  const { recipient, invoice, period, creditsFrom, now } = switched;
  await sendPurchaseReceived(tx, {
    recipient,
    source: `invoice:${invoice.id}`,
    item: period.item.id,
    credits: period.item.creditsPerMonth,
    amountCents: invoice.amount_paid,
    currency: invoice.currency,
    expiresAt: null,
    creditsFrom,
    now,
  });
}
