import { enqueueAlert } from "@/alerts/alert";
import type { Transaction } from "@/db/client";
import type { payment } from "@/db/schema";
import { formatMoney } from "@/lib/formats";
import { logger } from "@/lib/logger";
import type { BillingDeps } from "../deps";
import { type Recipient, sendRefundFailed } from "../purchases/receipts";
import { enqueueStripeCall, type StripeCall } from "../stripe/stripe-calls";
import { isTaken, type Paid, type ReversedPart, sumCents } from "./reversed-share";

/*
 * Money owed: we refused a payment, and its refund failed or Stripe refuses it. A refund counts as paid
 * back from its creation, so a new one settles the debt at once and its failure restores it.
 *
 * Stripe refuses every refund of a charge while a dispute of it is open, and after it is lost. An open
 * dispute decides where the money goes, so nothing is owed yet. If it is won, the refund is requested
 * again. If it is lost, what it did not take is owed and cannot be refunded automatically.
 */

type Payment = typeof payment.$inferSelect;

/** What we owe the payer of a refused payment, in minor units. 0 while a refund can still return it. */
export function owedCentsOf(
  { refusal, settledCents }: Pick<Payment, "refusal" | "settledCents">,
  { parts, paid }: { parts: readonly ReversedPart[]; paid: Paid },
): number {
  if (refusal === null) return 0;
  if (settledCents === 0 && !parts.some(endsRefunds)) return 0;
  return Math.max(0, paid.cents - sumCents(parts.filter(isTaken)) - settledCents);
}

/**
 * Requests the refund of a refused payment again for each of its won disputes, because the dispute may
 * have prevented it. The call refunds what remains. What an admin settled is not refunded again.
 */
export async function retryRefund(
  tx: Transaction,
  { userId, refusal, settledCents, ...paid }: Payment,
  { parts, now }: { parts: readonly ReversedPart[]; now: Date },
): Promise<void> {
  if (refusal === null || settledCents > 0) return;
  const reason = refusal === "deleted" ? "requested_by_customer" : "duplicate";
  for (const { key, kind, state } of parts) {
    if (kind !== "dispute" || state !== "undone") continue;
    const call = refundCallOf({ ...paid, reason });
    if (call !== null) await enqueueStripeCall(tx, { key: `${key}:refund`, userId, call, now });
  }
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

/** The latest reversal since the payment was last written that leaves money owed. */
function causeOf(parts: readonly ReversedPart[], { reversals }: Payment): ReversedPart | undefined {
  const known = new Set(reversals.filter(endsRefunds).map(({ key }) => key));
  const causes = parts.filter(endsRefunds);
  return causes.findLast(({ key }) => !known.has(key)) ?? causes.at(-1);
}

/** A one-time purchase is refunded by its payment, whether it has an invoice or not. */
function refundCallOf({
  sessionId,
  invoiceId,
  paymentIntentId,
  reason,
}: Pick<Payment, "sessionId" | "invoiceId" | "paymentIntentId"> & {
  reason: "duplicate" | "requested_by_customer";
}): StripeCall | null {
  if (sessionId === null && invoiceId !== null) return { do: "refund-invoice", invoiceId, reason };
  return paymentIntentId === null ? null : { do: "refund-payment", paymentIntentId, reason };
}

/** A failed refund, or a lost dispute, after which Stripe refuses refunds. */
function endsRefunds({ kind, state }: Pick<ReversedPart, "kind" | "state">): boolean {
  return kind === "refund" ? state === "undone" : kind === "dispute" && state === "standing";
}
