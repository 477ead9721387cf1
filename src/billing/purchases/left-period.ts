import { and, asc, eq, gte, isNull, lt } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import { grantSubscriptionMonth, grantYearlyStart, subscriptionMonthExpiry } from "@/ledger/grant";
import { monthsAfter } from "@/lib/utc-period";
import type { CreditWrite } from "../effect";
import { creditsPerMonthOf, type PlanLine } from "./load-invoice";
import { insertInvoicePayment, type PaidInvoice } from "./paid-period";
import { sendPurchaseReceived } from "./receipts";

/*
 * Periods that a switch of plans left before they were paid, because a bank debit takes days. Stripe
 * credited their unused time as if they had been paid, so they buy their time until the switch.
 */

/** A switch of plans that left a period. */
export interface LeavingSwitch {
  readonly at: Date;
  /** Whether it granted an allotment like a new period, because none was running. */
  readonly hasAllotment: boolean;
}

/** The first recorded switch of plans that left a period of the subscription; null if none did. */
export async function findLeavingSwitch(
  tx: Transaction,
  { subscriptionId, period }: { subscriptionId: string; period: PlanLine },
): Promise<LeavingSwitch | null> {
  const [left] = await tx
    .select({
      at: payment.memberFromAt,
      credits: payment.credits,
      upgradeCredits: payment.upgradeCredits,
    })
    .from(payment)
    .where(
      and(
        eq(payment.subscriptionId, subscriptionId),
        isNull(payment.switchedFromPriceId),
        gte(payment.memberFromAt, period.startsAt),
        lt(payment.memberFromAt, period.endsAt),
      ),
    )
    .orderBy(asc(payment.memberFromAt))
    .limit(1);
  if (!left?.at) return null;
  return { at: left.at, hasAllotment: left.credits > left.upgradeCredits };
}

/**
 * Records the payment of a period that a switch left, and sends the receipt. Returns the credit write, or
 * none if the payment is already recorded. The months before the switch are granted. If the switch
 * has granted an allotment, the month in which it was made keeps the share before it, so that no time is
 * granted twice.
 */
export async function startLeftPeriod(
  tx: Transaction,
  started: PaidInvoice & { period: PlanLine; left: LeavingSwitch },
): Promise<CreditWrite[]> {
  const { recipient, userId, invoice, subscription, period, left, now } = started;
  const { startsAt, item } = period;
  const monthEndsAt = monthsAfter(startsAt, 1);
  const monthMs = monthEndsAt.getTime() - startsAt.getTime();
  const elapsedMs = left.at.getTime() - startsAt.getTime();
  const { graceHours } = item;
  const share = left.hasAllotment ? Math.min(1, elapsedMs / monthMs) : 1;
  const perMonth = creditsPerMonthOf(period);
  const credits = Math.round(perMonth * share);
  const isNew = await insertInvoicePayment(tx, {
    ...started,
    period: { ...period, endsAt: left.at },
    credits,
    switchedAt: left.at,
  });
  if (!isNew) return [];
  await sendPurchaseReceived(tx, {
    recipient,
    source: `invoice:${invoice.id}`,
    item: item.id,
    amountCents: Math.max(0, invoice.amount_paid),
    currency: invoice.currency,
    ...(credits > 0
      ? {
          credits,
          expiresAt: subscriptionMonthExpiry({ periodEndsAt: monthEndsAt, graceHours, now }),
        }
      : { credits: perMonth, expiresAt: null, creditsFrom: monthsAfter(left.at, 1) }),
    now,
  });
  if (credits === 0) return [];
  const grant = { userId, invoiceId: invoice.id, credits, graceHours, now };
  if (item.interval === "year" && !left.hasAllotment) {
    const year = {
      ...grant,
      subscriptionId: subscription.id,
      anchorAt: startsAt,
      endsAt: left.at,
    };
    return [(last) => grantYearlyStart(last, year)];
  }
  return [(last) => grantSubscriptionMonth(last, { ...grant, periodEndsAt: monthEndsAt })];
}
