import type { Transaction } from "@/db/client";
import { payment } from "@/db/schema";
import { earlier, instantOf } from "../stripe/stripe-ids";
import { endOf } from "../subscriptions/sync-subscription";
import type { PaidInvoice } from "./bill";
import { type PlanLine, paymentIntentOf } from "./load-invoice";

/**
 * Records an invoice's payment. With a `period` it makes its owner a paid member for that time, or
 * up to the end of a subscription that was ended before this invoice reached us. Answers false if it
 * was recorded already.
 */
export async function insertInvoicePayment(
  tx: Transaction,
  paid: Omit<PaidInvoice, "to"> & { period: PlanLine | null; credits: number },
): Promise<boolean> {
  const { invoice, subscription, period } = paid;
  const endedAt = endOf(subscription);
  const memberUntilAt =
    period === null || endedAt === null ? period?.endsAt : earlier(period.endsAt, endedAt);
  const inserted = await tx
    .insert(payment)
    .values({
      userId: paid.userId,
      id: `invoice:${invoice.id}`,
      invoiceId: invoice.id,
      item: period?.item.id ?? paid.plan.item.id,
      priceId: period?.priceId ?? paid.plan.priceId,
      amountCents: Math.max(0, invoice.amount_paid),
      currency: invoice.currency,
      credits: paid.credits,
      paymentIntentId: paymentIntentOf(invoice),
      subscriptionId: subscription.id,
      receiptUrl: invoice.hosted_invoice_url ?? null,
      memberFromAt: period?.startsAt ?? null,
      memberUntilAt: memberUntilAt ?? null,
      paidAt: instantOf(invoice.status_transitions.paid_at ?? invoice.created),
    })
    .onConflictDoNothing()
    .returning({ id: payment.id });
  return inserted.length > 0;
}
