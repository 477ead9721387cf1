import { addDays, isWithinInterval, min, subDays } from "date-fns";
import { and, eq, inArray, sql } from "drizzle-orm";
import { monthsPaid } from "@/catalog/items";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import { grantUpgrade } from "@/ledger/grant";
import { endSchedules, openYearlySchedule } from "@/ledger/schedules";
import { creditSchedule } from "@/ledger/schema";
import { monthsAfter } from "@/lib/utc-period";
import type { CreditWrite } from "../effect";
import { earlier } from "../stripe/values";
import { creditsPerMonthOf, type SwitchLine } from "./load-invoice";
import { insertInvoicePayment, type PaidInvoice } from "./paid-period";
import {
  type AllotmentMonth,
  allotmentMonthsAt,
  monthFrom,
  nextMonth,
  type SwitchPoint,
} from "./running-month";
import { sendSwitchReceipt } from "./switch-plan";
import { type BoughtPlan, listBoughtPlans, readUpgradeCredits } from "./upgrade-credits";

/** The months of the period in which a switch falls. */
interface SwitchMonths {
  /** The month that contains the switch; null if none is known. */
  readonly running: AllotmentMonth | null;
  /** Counts a year's months; null for a monthly plan. */
  readonly anchorAt: Date | null;
  /** The number of the first month after the switch. */
  readonly nextN: number;
}

/**
 * The period of a switch was paid but is not recorded, for example because its event is a dead letter. The
 * grant depends on the period's payment, so the event is retried.
 */
export class PeriodNotPaid extends Error {
  constructor(invoiceId: string) {
    super(`Invoice ${invoiceId} bills a switch within a period that is not recorded.`);
    this.name = "PeriodNotPaid";
  }
}

/**
 * Applies a switch to another tier within a running period, which is billed by prorations only. The
 * payment makes its owner a member of the new plan for the rest of the period.
 *
 * An upgrade grants the difference for the rest of the month. In a year, its own schedule grants the
 * difference for the later months, so a refund of either invoice revokes only what that invoice bought.
 * A downgrade ends the schedules of the higher tier. It revokes nothing and grants nothing this month.
 * If an upgrade is paid after a downgrade from it, its payment also pays for the lower tier's months.
 * Returns null, and records nothing, if the period's own payment is not recorded.
 */
export async function switchWithinPeriod(
  tx: Transaction,
  switched: PaidInvoice & { line: SwitchLine },
): Promise<CreditWrite[] | null> {
  const { userId, invoice, subscription, line, now } = switched;
  const { startsAt: at, fromCreditsPerMonth: from } = line;
  const switchPoint = { userId, subscriptionId: subscription.id, at };
  const plans = await listBoughtPlans(tx, switchPoint);
  const period = plans.findLast((plan) => isPeriodOf(plan, line));
  if (period === undefined) return null;
  const to = creditsPerMonthOf(line);
  const months = await readMonths(tx, switchPoint, { line, period });
  const current = plans.filter((plan) => plan.fromAt >= period.fromAt && isCurrent(plan, at));
  const left = current.filter(
    ({ creditsPerMonth, isReversed, isWithinPeriod }) =>
      creditsPerMonth > to || (isReversed && isWithinPeriod),
  );
  const kept = current.filter((plan) => !left.includes(plan));
  const cutAt = nextPlan(plans, { at, isNext: ({ creditsPerMonth }) => creditsPerMonth < to });

  const month = months.running;
  const credits =
    month === null || invoice.total < 0
      ? 0
      : await readUpgradeCredits(tx, switchPoint, { plans, month, from, to });
  await endPlans(tx, left, at);
  const isNew = await insertInvoicePayment(tx, {
    ...switched,
    period: { ...line, endsAt: cutAt ?? line.endsAt },
    credits,
    upgradeCredits: credits,
    monthEndsAt: credits > 0 ? (month?.endsAt ?? null) : null,
    switchedFromPriceId: line.fromPriceId,
    switchedAt: cutAt,
  });
  if (!isNew) return [];
  const { anchorAt, nextN } = months;
  const { graceHours } = line.item;
  if (invoice.total > 0) {
    const creditsFrom = anchorAt === null ? line.endsAt : monthsAfter(anchorAt, nextN);
    await sendSwitchReceipt(tx, { ...switched, line, credits, month, creditsFrom });
  }

  const writes: CreditWrite[] = [];
  if (anchorAt !== null) {
    const nextDueAt = monthsAfter(anchorAt, nextN);
    for (const { id: source } of left) {
      writes.push((last) => endSchedules(last, { userId, source, endsAt: nextDueAt }));
    }
    const promised = Math.max(0, ...kept.map(({ creditsPerMonth }) => creditsPerMonth));
    const base = Math.max(promised, to > from ? from : 0);
    const difference = to - base;
    // A downgrade that was recorded without this payment may have promised all of the lower tier's credits.
    const lowerAt = nextPlan(plans, {
      at,
      isNext: ({ creditsPerMonth, isLowerPromise }) => creditsPerMonth < to || isLowerPromise,
    });
    const lastEnd =
      lowerAt === null ? line.endsAt : monthsAfter(anchorAt, nextMonth(anchorAt, lowerAt));
    const endsAt = earlier(line.endsAt, lastEnd);
    const isPromised = difference > 0 && (to > from || left.length > 0) && nextDueAt < endsAt;
    if (isPromised) {
      const { subscriptionId } = switchPoint;
      const source = `invoice:${invoice.id}`;
      const months = { credits: difference, anchorAt, firstN: nextN, endsAt, graceHours };
      writes.push((last) =>
        openYearlySchedule(last, { userId, subscriptionId, source, ...months, now }),
      );
    }
    const lower = plans.find(({ fromAt }) => fromAt.getTime() === cutAt?.getTime());
    if (to > from && lower?.isWithinPeriod && !lower.isLowerPromise) {
      const { id: source, fromAt, switchedAt, creditsPerMonth, graceHours } = lower;
      const firstN = nextMonth(anchorAt, fromAt);
      const lowerEnd =
        switchedAt === null ? line.endsAt : monthsAfter(anchorAt, nextMonth(anchorAt, switchedAt));
      const endsAt = earlier(line.endsAt, lowerEnd);
      if (creditsPerMonth > base && monthsAfter(anchorAt, firstN) < endsAt) {
        const { subscriptionId } = switchPoint;
        const months = { credits: creditsPerMonth - base, anchorAt, firstN, endsAt, graceHours };
        writes.push((last) =>
          openYearlySchedule(last, { userId, subscriptionId, source, ...months, now }),
        );
      }
    }
  }
  if (credits > 0 && month !== null) {
    const upgrade = {
      userId,
      invoiceId: invoice.id,
      credits,
      monthEndsAt: month.endsAt,
      graceHours,
      now,
    };
    writes.push((last) => grantUpgrade(last, upgrade));
  }
  return writes;
}

/** Whether a payment bought the whole period that a switch falls in. Months differ by up to 3 days. */
function isPeriodOf({ isWithinPeriod, fromAt }: BoughtPlan, { item, endsAt }: SwitchLine): boolean {
  const end = monthsAfter(fromAt, monthsPaid(item));
  return (
    !isWithinPeriod && isWithinInterval(end, { start: subDays(endsAt, 3), end: addDays(endsAt, 3) })
  );
}

/** Whether a plan was in force when the switch was made. */
function isCurrent({ fromAt, switchedAt }: BoughtPlan, at: Date): boolean {
  return fromAt <= at && (switchedAt === null || switchedAt > at);
}

/**
 * When a later new period or a later switch that `isNext` selects, recorded before this payment, began.
 * Null if there is none.
 */
function nextPlan(
  plans: readonly BoughtPlan[],
  { at, isNext }: { at: Date; isNext: (plan: BoughtPlan) => boolean },
): Date | null {
  const next = plans.filter((plan) => plan.fromAt > at && (!plan.isWithinPeriod || isNext(plan)));
  return next.length === 0 ? null : min(next.map(({ fromAt }) => fromAt));
}

async function readMonths(
  tx: Transaction,
  switchPoint: SwitchPoint,
  { line, period }: { line: SwitchLine; period: BoughtPlan },
): Promise<SwitchMonths> {
  const { userId, at } = switchPoint;
  if (line.item.interval === "month") {
    const running = { startsAt: period.fromAt, endsAt: line.endsAt };
    return { running, anchorAt: null, nextN: 0 };
  }
  const [schedule] = await tx
    .select({ anchorAt: creditSchedule.anchorAt })
    .from(creditSchedule)
    .where(and(eq(creditSchedule.userId, userId), eq(creditSchedule.id, period.id)));
  const anchorAt = schedule?.anchorAt ?? period.fromAt;
  const nextN = nextMonth(anchorAt, at);
  if (nextN > 0) return { running: monthFrom(anchorAt, nextN - 1), anchorAt, nextN };
  const [running = null] = await allotmentMonthsAt(tx, switchPoint);
  return { running, anchorAt, nextN };
}

/** Ends the plans that a switch left or replaced. A reversed one stays ended if its refund fails. */
async function endPlans(
  tx: Transaction,
  left: readonly BoughtPlan[],
  switchedAt: Date,
): Promise<void> {
  const ids = left.map(({ id }) => id);
  if (ids.length === 0) return;
  const at = sql`${switchedAt.toISOString()}::timestamptz`;
  await tx
    .update(payment)
    .set({ switchedAt, memberUntilAt: sql`least(${payment.memberUntilAt}, ${at})` })
    .where(inArray(payment.id, ids));
}
