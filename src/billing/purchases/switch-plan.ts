import { and, eq, gt, isNull, lte, or } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import { endSchedules, openYearlySchedule } from "@/ledger/schedules";
import { creditSchedule } from "@/ledger/schema";
import type { CreditWrite } from "../effect";
import { creditsPerMonthOf, type PlanLine } from "./load-invoice";
import { insertInvoicePayment, type PaidInvoice, startPeriod } from "./paid-period";
import { sendPurchaseReceived } from "./receipts";
import { runningMonthEnd, type SwitchPoint } from "./running-month";

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
  const isYear = period.item.interval === "year";
  const creditsFrom = isYear ? (monthEndsAt ?? period.startsAt) : period.endsAt;
  if (isNew && invoice.amount_paid > 0) await sendReceipt(tx, { ...switched, creditsFrom });
  if (!isYear) return endOld;
  const schedule = {
    userId,
    subscriptionId: subscription.id,
    source: `invoice:${invoice.id}`,
    credits: creditsPerMonthOf(period),
    anchorAt: creditsFrom,
    firstN: monthEndsAt === null ? 1 : 0,
    endsAt: period.endsAt,
    now,
  };
  return [...endOld, (last) => openYearlySchedule(last, schedule)];
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

/** The receipt states when the first credits arrive. */
async function sendReceipt(
  tx: Transaction,
  switched: PaidInvoice & { period: PlanLine; creditsFrom: Date },
): Promise<void> {
  const { recipient, invoice, period, creditsFrom, now } = switched;
  await sendPurchaseReceived(tx, {
    recipient,
    source: `invoice:${invoice.id}`,
    item: period.item.id,
    credits: creditsPerMonthOf(period),
    amountCents: invoice.amount_paid,
    currency: invoice.currency,
    expiresAt: null,
    creditsFrom,
    now,
  });
}
