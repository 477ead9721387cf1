import { and, eq, gt, isNull, lte, or } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import { endSchedules, openYearlySchedule } from "@/ledger/schedules";
import { creditSchedule } from "@/ledger/schema";
import type { CreditWrite } from "../effect";
import type { PaidInvoice } from "./bill";
import { insertInvoicePayment } from "./insert-invoice-payment";
import type { PlanLine } from "./load-invoice";
import { startPeriod } from "./paid-period";
import { sendPurchaseReceived } from "./receipts";
import { runningMonthEnd } from "./running-month";

/**
 * A subscription was switched in mid-period and a new period was billed. While an allotment of that
 * subscription is running nothing is granted, so that switching to and fro makes no credits; a
 * switch to a year opens its schedule so that the next allotment comes when the running one's month
 * ends. What the old plan promised after the switch ends with it: Stripe credited its unused time.
 * What began after the switch, whose invoice may be paid late, is left alone.
 *
 * A negative invoice pays for nothing, so it grants nothing even if no allotment is running.
 */
export async function switchPlan(
  tx: Transaction,
  switched: PaidInvoice & { period: PlanLine },
): Promise<CreditWrite[]> {
  const { userId, invoice, subscription, period, now } = switched;
  const of = { userId, subscriptionId: subscription.id, at: period.startsAt };
  const old = await listOldSchedules(tx, of);
  const endOld = old.map(
    (source): CreditWrite =>
      (last) =>
        endSchedules(last, { userId, source, endsAt: period.startsAt }),
  );
  await endMembershipAt(tx, of);

  const runningUntil = await runningMonthEnd(tx, of);
  if (runningUntil === null && invoice.total >= 0) {
    return [...endOld, ...(await startPeriod(tx, switched))];
  }
  const isNew = await insertInvoicePayment(tx, { ...switched, credits: 0 });
  const isYear = period.item.id === "pro-yearly";
  const creditsFrom = isYear ? (runningUntil ?? period.startsAt) : period.endsAt;
  if (isNew && invoice.amount_paid > 0) await confirmSwitch(tx, { ...switched, creditsFrom });
  if (!isYear) return endOld;
  return [
    ...endOld,
    (last) =>
      openYearlySchedule(last, {
        userId,
        subscriptionId: subscription.id,
        source: `invoice:${invoice.id}`,
        credits: period.item.creditsPerMonth,
        anchorAt: creditsFrom,
        firstN: runningUntil === null ? 1 : 0,
        endsAt: period.endsAt,
        now,
      }),
  ];
}

interface Switched {
  readonly userId: string;
  readonly subscriptionId: string;
  /** Where the new period begins. */
  readonly at: Date;
}

/** Those of the subscription's periods that began by then and still promise months after it. */
async function listOldSchedules(
  tx: Transaction,
  { userId, subscriptionId, at }: Switched,
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

/** The old plan's paid time ends where the new period's begins. */
async function endMembershipAt(
  tx: Transaction,
  { userId, subscriptionId, at }: Switched,
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

/** A receipt for what was paid, with the day from which it brings credits. */
async function confirmSwitch(
  tx: Transaction,
  switched: PaidInvoice & { period: PlanLine; creditsFrom: Date },
): Promise<void> {
  const { to, invoice, period, creditsFrom, now } = switched;
  await sendPurchaseReceived(tx, {
    to,
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
