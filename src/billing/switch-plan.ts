import { subHours } from "date-fns";
import { and, eq, gt, inArray, max } from "drizzle-orm";
import { ALLOTMENT_GRACE_HOURS } from "@/credits/catalog";
import { endSchedules, openYearlySchedule } from "@/credits/schedule";
import type { Transaction } from "@/db/client";
import { creditLot, payment } from "@/db/schema";
import type { Bill } from "./bill";
import type { CreditWrite } from "./effect";
import { insertInvoicePayment } from "./insert-invoice-payment";
import type { PlanLine } from "./load-invoice";
import { startPeriod } from "./start-period";

/**
 * A subscription was switched in mid-period and a new period was billed. While an allotment of that
 * subscription is running nothing is granted, so that switching to and fro makes no credits; a
 * switch to a year opens its schedule so that the next allotment comes when the running one's month
 * ends. What the old plan promised after the switch ends with it: Stripe credited its unused time.
 *
 * A negative invoice pays for nothing, so it grants nothing even if no allotment is running.
 */
export async function switchPlan(
  tx: Transaction,
  switched: Bill & { period: PlanLine },
): Promise<CreditWrite[]> {
  const { userId, invoice, subscription, period, now } = switched;
  const of = { userId, subscriptionId: subscription.id };
  await endMembershipAt(tx, { ...of, at: period.startsAt });
  const endOldSchedules: CreditWrite = (last) =>
    endSchedules(last, { ...of, endsAt: period.startsAt });

  const runningUntil = await runningAllotmentEnd(tx, { ...of, at: period.startsAt });
  if (runningUntil === null && invoice.total >= 0) {
    return [endOldSchedules, ...(await startPeriod(tx, switched))];
  }
  await insertInvoicePayment(tx, { ...switched, credits: 0 });
  if (period.item.id !== "pro-yearly") return [endOldSchedules];
  return [
    endOldSchedules,
    (last) =>
      openYearlySchedule(last, {
        ...of,
        source: `invoice:${invoice.id}`,
        credits: period.item.creditsPerMonth,
        anchorAt: runningUntil ?? period.startsAt,
        firstN: runningUntil === null ? 1 : 0,
        endsAt: period.endsAt,
        now,
      }),
  ];
}

/** The old plan's paid time ends where the new period's begins. */
async function endMembershipAt(
  tx: Transaction,
  { userId, subscriptionId, at }: { userId: string; subscriptionId: string; at: Date },
): Promise<void> {
  await tx
    .update(payment)
    .set({ memberUntilAt: at })
    .where(
      and(
        eq(payment.userId, userId),
        eq(payment.subscriptionId, subscriptionId),
        gt(payment.memberUntilAt, at),
      ),
    );
}

/**
 * When the month of the subscription's latest allotment ends, if that is after `at`; else null. Read
 * from the lots, monthly and yearly alike: each expires a grace after its month.
 */
async function runningAllotmentEnd(
  tx: Transaction,
  { userId, subscriptionId, at }: { userId: string; subscriptionId: string; at: Date },
): Promise<Date | null> {
  const sources = tx
    .select({ id: payment.id })
    .from(payment)
    .where(and(eq(payment.userId, userId), eq(payment.subscriptionId, subscriptionId)));
  const [latest] = await tx
    .select({ expiresAt: max(creditLot.expiresAt) })
    .from(creditLot)
    .where(and(eq(creditLot.userId, userId), inArray(creditLot.source, sources)));
  if (!latest?.expiresAt) return null;
  const until = subHours(latest.expiresAt, ALLOTMENT_GRACE_HOURS);
  return until > at ? until : null;
}
