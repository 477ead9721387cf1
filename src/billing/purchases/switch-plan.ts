import { and, eq, gt, isNull, lte, or } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import { grantUpgrade, subscriptionMonthExpiry } from "@/ledger/grant";
import { endSchedules, openYearlySchedule } from "@/ledger/schedules";
import { creditSchedule } from "@/ledger/schema";
import type { CreditWrite } from "../effect";
import { creditsPerMonthOf, type PlanLine } from "./load-invoice";
import { insertInvoicePayment, type PaidInvoice, startPeriod } from "./paid-period";
import { sendPurchaseReceived } from "./receipts";
import { type AllotmentMonth, runningMonth, type SwitchPoint } from "./running-month";
import { listBoughtPlans, readUpgradeCredits } from "./upgrade-credits";

/**
 * Applies a switch of plans that started a new period. While an allotment month of the subscription
 * is running, only the difference to a higher tier is granted for the rest of it, so switching back and
 * forth creates no credits. A year's schedule then starts when the running month ends. A negative
 * invoice never grants.
 *
 * The old plan's schedules end at the switch, because Stripe credited the unused time. Periods that began
 * after the switch (if its invoice is paid late) are unchanged.
 */
export async function switchPlan(
  tx: Transaction,
  switched: PaidInvoice & { period: PlanLine },
): Promise<CreditWrite[]> {
  const { userId, invoice, subscription, period, now } = switched;
  const subscriptionId = subscription.id;
  const switchPoint = { userId, subscriptionId, at: period.startsAt };
  const oldSchedules = await listOldSchedules(tx, switchPoint);
  const writes = oldSchedules.map(
    (source): CreditWrite =>
      (last) =>
        endSchedules(last, { userId, source, endsAt: period.startsAt }),
  );
  const month = await runningMonth(tx, switchPoint);
  if (month === null && invoice.total >= 0) {
    await endOldMembership(tx, switchPoint);
    return [...writes, ...(await startPeriod(tx, switched))];
  }
  const upgradeCredits =
    month === null || invoice.total < 0
      ? 0
      : await readUpgradeCredits(tx, switchPoint, {
          plans: await listBoughtPlans(tx, switchPoint),
          month,
          from: 0,
          to: creditsPerMonthOf(period),
        });
  await endOldMembership(tx, switchPoint);
  const isNew = await insertInvoicePayment(tx, {
    ...switched,
    credits: upgradeCredits,
    upgradeCredits,
    monthEndsAt: upgradeCredits > 0 ? (month?.endsAt ?? null) : null,
  });
  const isYear = period.item.interval === "year";
  const creditsFrom = isYear ? (month?.endsAt ?? period.startsAt) : period.endsAt;
  if (isNew && invoice.amount_paid > 0) {
    await sendSwitchReceipt(tx, {
      ...switched,
      line: period,
      credits: upgradeCredits,
      month,
      creditsFrom,
    });
  }
  if (isYear) {
    const schedule = {
      userId,
      subscriptionId,
      source: `invoice:${invoice.id}`,
      credits: creditsPerMonthOf(period),
      anchorAt: creditsFrom,
      firstN: month === null ? 1 : 0,
      endsAt: period.endsAt,
      graceHours: period.item.graceHours,
      now,
    };
    writes.push((last) => openYearlySchedule(last, schedule));
  }
  if (isNew && upgradeCredits > 0 && month !== null) {
    const upgrade = {
      userId,
      invoiceId: invoice.id,
      credits: upgradeCredits,
      monthEndsAt: month.endsAt,
      graceHours: period.item.graceHours,
      now,
    };
    writes.push((last) => grantUpgrade(last, upgrade));
  }
  return writes;
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
    .set({ memberUntilAt: at, switchedAt: at })
    .where(
      and(
        eq(payment.userId, userId),
        eq(payment.subscriptionId, subscriptionId),
        lte(payment.memberFromAt, at),
        gt(payment.memberUntilAt, at),
      ),
    );
}

/** Sends the receipt of a switch. It states an upgrade's credits, or when the next credits arrive. */
export async function sendSwitchReceipt(
  tx: Transaction,
  switched: PaidInvoice & {
    line: PlanLine;
    /** Granted for the rest of `month`. */
    credits: number;
    month: AllotmentMonth | null;
    creditsFrom: Date;
  },
): Promise<void> {
  const { recipient, invoice, line, credits, month, creditsFrom, now } = switched;
  await sendPurchaseReceived(tx, {
    recipient,
    source: `invoice:${invoice.id}`,
    item: line.item.id,
    amountCents: Math.max(0, invoice.amount_paid),
    currency: invoice.currency,
    ...(credits > 0 && month !== null
      ? {
          credits,
          expiresAt: subscriptionMonthExpiry({
            periodEndsAt: month.endsAt,
            graceHours: line.item.graceHours,
            now,
          }),
        }
      : { credits: creditsPerMonthOf(line), expiresAt: null, creditsFrom }),
    now,
  });
}
