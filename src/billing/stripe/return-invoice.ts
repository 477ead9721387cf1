import type Stripe from "stripe";
import type { BillingDeps } from "../deps";
import { balanceCentsOf } from "../purchases/load-invoice";
import { isHeldByDispute } from "./disputes";
import { idOf } from "./values";

/** What a credit note returned to the customer balance or outside Stripe, in minor units. */
export function creditedCentsOf(note: Stripe.CreditNote): number {
  if (note.status === "void") return 0;
  return note.post_payment_amount - sum(note.refunds.map(({ amount_refunded }) => amount_refunded));
}

interface Returned {
  readonly invoiceId: string;
  readonly reason: Stripe.CreditNoteCreateParams.Reason;
  readonly idempotencyKey: string;
}

/**
 * Returns the remainder of a paid invoice by one credit note: to the payment methods what was charged,
 * to the customer balance what the balance paid. Does nothing if everything was returned. Leaves out
 * what a dispute holds; if the dispute is won, `applyReversals` requests the return again.
 *
 * Stripe creates the refund itself (`refund_amount`) if the invoice has one payment. Refunds of several
 * payments are created first and linked to the note.
 */
export async function returnInvoice(
  billing: BillingDeps,
  { invoiceId, reason, idempotencyKey }: Returned,
): Promise<void> {
  const { stripe } = billing;
  const { invoice, notes, payments } = await loadReturnable(billing, invoiceId);
  const linked = notes.flatMap(({ refunds }) => refunds);
  const unlinkedRefunds = payments.flatMap(({ refunds }) => unlinkedPart(refunds, linked));
  const credited = sum(notes.map(creditedCentsOf));
  const credit = Math.max(0, balanceCentsOf(invoice) - credited);
  const charged = payments.filter(({ remaining }) => remaining > 0);

  // A debt of the customer can make the charge larger than the invoice, which limits the note.
  const creditable =
    invoice.total -
    invoice.pre_payment_credit_notes_amount -
    sum(notes.map((note) => note.post_payment_amount));
  const isSingle = payments.length === 1 && unlinkedRefunds.length === 0;
  const refundAmount = isSingle
    ? Math.min(sum(charged.map(({ remaining }) => remaining)), creditable - credit)
    : 0;
  const refunds = isSingle ? [] : [...unlinkedRefunds];
  if (!isSingle) {
    for (const { paymentIntentId } of charged) {
      const refund = await stripe.refunds.create(
        { payment_intent: paymentIntentId },
        { idempotencyKey: `${idempotencyKey}:${paymentIntentId}` },
      );
      refunds.push({ refund: refund.id, amount_refunded: refund.amount });
    }
  }
  const amount = refundAmount + sum(refunds.map((each) => each.amount_refunded)) + credit;
  if (amount === 0) return;
  await stripe.creditNotes.create(
    {
      invoice: invoiceId,
      amount,
      ...(refundAmount > 0 ? { refund_amount: refundAmount } : {}),
      ...(refunds.length > 0 ? { refunds } : {}),
      ...(credit > 0 ? { credit_amount: credit } : {}),
      reason,
      // The user gets our own email.
      email_type: "none",
    },
    { idempotencyKey },
  );
}

interface Payment {
  readonly paymentIntentId: string;
  /** What can still be refunded, in minor units. */
  readonly remaining: number;
  readonly refunds: readonly Stripe.Refund[];
}

async function loadReturnable(billing: BillingDeps, invoiceId: string) {
  const { stripe } = billing;
  const invoice = await stripe.invoices.retrieve(invoiceId);
  const notes = await stripe.creditNotes
    .list({ invoice: invoiceId, limit: 100 })
    .autoPagingToArray({ limit: 1000 });
  const paid = await stripe.invoicePayments
    .list({ invoice: invoiceId, status: "paid", limit: 100 })
    .autoPagingToArray({ limit: 1000 });
  const payments: Payment[] = [];
  for (const { payment } of paid) {
    const paymentIntentId = idOf(payment.payment_intent);
    if (paymentIntentId === null) continue;
    const { latest_charge: charge } = await stripe.paymentIntents.retrieve(paymentIntentId, {
      expand: ["latest_charge"],
    });
    if (charge === null || typeof charge === "string") continue;
    const refunds = await stripe.refunds
      .list({ payment_intent: paymentIntentId, limit: 100 })
      .autoPagingToArray({ limit: 1000 });
    const isHeld = await isHeldByDispute(billing, { paymentIntentId, charge });
    const remaining = isHeld ? 0 : charge.amount_captured - charge.amount_refunded;
    payments.push({ paymentIntentId, remaining, refunds });
  }
  return { invoice, notes: notes.filter(({ status }) => status !== "void"), payments };
}

/** Refunds, or their parts, that no credit note of the invoice mentions yet. */
function unlinkedPart(
  refunds: readonly Stripe.Refund[],
  linked: readonly Stripe.CreditNote.Refund[],
): { refund: string; amount_refunded: number }[] {
  return refunds
    .filter(({ status }) => status !== "failed" && status !== "canceled")
    .map(({ id, amount }) => {
      const links = linked.filter(({ refund }) => idOf(refund) === id);
      const noted = sum(links.map(({ amount_refunded }) => amount_refunded));
      return { refund: id, amount_refunded: amount - noted };
    })
    .filter(({ amount_refunded }) => amount_refunded > 0);
}

function sum(cents: readonly number[]): number {
  return cents.reduce((total, each) => total + each, 0);
}
