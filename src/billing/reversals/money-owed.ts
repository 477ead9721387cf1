import { enqueueAlert } from "@/alerts/alert";
import type { Transaction } from "@/db/client";
import type { payment } from "@/db/schema";
import { formatMoney } from "@/lib/formats";
import { logger } from "@/lib/logger";
import type { BillingDeps } from "../deps";
import { type Recipient, sendRefundFailed } from "../purchases/receipts";
import { isTaken, type Paid, type ReversedPart, sumCents } from "./reversed-share";

/*
 * Money owed: we refused a payment and refunded it, and the refund failed. A refund counts as paid back
 * from its creation, so a new one settles the debt at once and its failure restores it.
 */

type Payment = typeof payment.$inferSelect;

/** What we owe the payer of a refused payment, in minor units. 0 unless a refund of it has failed. */
export function owedCentsOf(
  { refusal, settledCents }: Pick<Payment, "refusal" | "settledCents">,
  { parts, paid }: { parts: readonly ReversedPart[]; paid: Paid },
): number {
  if (refusal === null || !parts.some(isFailedRefund)) return 0;
  return Math.max(0, paid.cents - sumCents(parts.filter(isTaken)) - settledCents);
}

/**
 * Raises an alert and emails the payer when what we owe grows, once per undone reversal. The
 * caller has locked the user's row and writes `owedCents`.
 */
export async function notifyMoneyOwed(
  tx: Transaction,
  { alertChannels }: BillingDeps,
  owed: {
    /** The payment before this change. */
    before: Payment;
    owedCents: number;
    parts: readonly ReversedPart[];
    /** Null for a deleted account. */
    recipient: Recipient | null;
    now: Date;
  },
): Promise<void> {
  const { before, owedCents, parts, recipient, now } = owed;
  if (owedCents <= before.owedCents) return;
  const { id: paymentId, userId, item, currency, refusal } = before;
  const cause = causeOf(parts, before);
  if (cause === undefined) return;
  const key = `money-owed:${cause.key}`;
  const subject = "A refund failed and money is owed to a user";
  const facts = {
    paymentId,
    userId,
    refusal,
    reversal: cause.key,
    owed: formatMoney(owedCents, currency, "en"),
    emailed: recipient === null ? "no, the account is deleted" : "yes",
  };
  logger.error({ alert: key, ...facts }, subject);
  await enqueueAlert(tx, { key, subject, facts, now }, alertChannels);
  if (recipient === null) return;
  const refundKey = cause.key;
  await sendRefundFailed(tx, { recipient, refundKey, item, amountCents: owedCents, currency, now });
}

/** The latest reversal that was undone since the payment was last written. */
function causeOf(parts: readonly ReversedPart[], { reversals }: Payment): ReversedPart | undefined {
  const known = new Set(reversals.filter(({ state }) => state === "undone").map(({ key }) => key));
  const undone = parts.filter(({ state }) => state === "undone");
  return undone.findLast(({ key }) => !known.has(key)) ?? undone.at(-1);
}

function isFailedRefund({ kind, state }: ReversedPart): boolean {
  return kind === "refund" && state === "undone";
}
