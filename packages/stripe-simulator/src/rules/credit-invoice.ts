import type Stripe from "stripe";
import { invalid, rowOf } from "../http/fault";
import { type CreditNoteParts, newCreditNote } from "../objects/credit-note";
import type { Simulation } from "../simulation";
import type { StoredCharge, StoredCreditNote, StoredInvoice, StoredRefund } from "../tables";
import { changeBalance } from "./change-balance";
import { chargeFor, checkRefundable, refundCharge } from "./refund-charge";

export interface Credit {
  amount: number;
  /** Creates a refund of the invoice's only charge. */
  refund_amount?: number | undefined;
  /** Links refunds that exist already, by default with their whole amount. */
  refunds?: { refund: string; amount_refunded?: number | undefined }[] | undefined;
  credit_amount?: number | undefined;
  out_of_band_amount?: number | undefined;
  reason?: Stripe.CreditNote.Reason | undefined;
  memo?: string | undefined;
  metadata?: Stripe.Metadata | undefined;
}

/**
 * Issues a credit note on a paid invoice: refunds, returns to the customer's balance, or records what
 * was returned outside Stripe. Refused as at Stripe: another invoice, more than the remaining amount, and
 * parts that do not add up to the amount.
 */
export function creditInvoice(
  sim: Simulation,
  invoice: StoredInvoice,
  given: Credit,
): StoredCreditNote {
  const { amount } = given;
  checkCreditable(sim, invoice, given);
  const linked = linkRefunds(sim, invoice, given.refunds ?? []);
  const refundAmount = given.refund_amount ?? 0;
  const creditAmount = given.credit_amount ?? 0;
  const outOfBandAmount = given.out_of_band_amount ?? 0;
  const linkedAmount = linked.reduce((sum, { amount_refunded }) => sum + amount_refunded, 0);
  if (refundAmount + linkedAmount + creditAmount + outOfBandAmount !== amount) {
    throw invalid(
      `The sum of refunds, credit_amount and out_of_band_amount must equal the post payment amount (${amount}).`,
    );
  }
  const customer = rowOf(sim.tables.customers, "customer", invoice.customer ?? "");
  const charge = refundAmount > 0 ? onlyCharge(sim, invoice) : null;
  if (charge) {
    checkRefundable(sim, charge, {
      amount: refundAmount,
      left: charge.amount_captured - charge.amount_refunded,
    });
  }
  const parts: CreditNoteParts = { refunds: linked, creditAmount, outOfBandAmount };
  if (charge) {
    const { id } = refundCharge(sim, charge, { amount: refundAmount });
    parts.refunds.push({ refund: id, amount_refunded: refundAmount });
  }
  const note = newCreditNote(sim.nowSeconds(), invoice, {
    amount,
    parts,
    number: `${invoice.number}-CN-${String(notesOf(sim, invoice).length + 1).padStart(2, "0")}`,
    reason: given.reason ?? null,
    memo: given.memo ?? null,
    metadata: given.metadata ?? {},
  });
  sim.tables.creditNotes.set(note.id, note);
  invoice.post_payment_credit_notes_amount += amount;
  if (creditAmount > 0) {
    const change = {
      amount: -creditAmount,
      currency: invoice.currency,
      type: "credit_note" as const,
      invoice: invoice.id,
      creditNote: note.id,
    };
    note.customer_balance_transaction = changeBalance(sim, customer, change)?.id ?? null;
  }
  sim.emit("credit_note.created", note);
  return note;
}

function checkCreditable(
  sim: Simulation,
  invoice: StoredInvoice,
  { amount, refunds = [] }: Credit,
): void {
  if (invoice.status !== "paid") {
    throw invalid(
      `The simulator issues credit notes on paid invoices only. This invoice is ${invoice.status}.`,
      "invoice",
    );
  }
  const left =
    invoice.total -
    invoice.pre_payment_credit_notes_amount -
    invoice.post_payment_credit_notes_amount -
    unlinkedRefundAmount(sim, invoice, refunds);
  if (amount < 1 || amount > left) {
    const message = `The amount (${amount}) is not between 1 and what is left to credit (${left}).`;
    throw invalid(message, "amount");
  }
}

/** What other refunds of its payments returned. They reduce the amount that can be credited. */
function unlinkedRefundAmount(
  sim: Simulation,
  invoice: StoredInvoice,
  linking: NonNullable<Credit["refunds"]>,
): number {
  const charges = new Set(chargesOf(sim, invoice).map(({ id }) => id));
  return [...sim.tables.refunds.values()]
    .filter(({ id }) => !linking.some(({ refund }) => refund === id))
    .filter(({ charge, status }) => charges.has(charge ?? "") && status !== "failed")
    .reduce((sum, refund) => sum + Math.max(0, refund.amount - linkedAmountOf(sim, refund)), 0);
}

/** Refunds of this invoice's payments that no other credit note has used up. */
function linkRefunds(
  sim: Simulation,
  invoice: StoredInvoice,
  wanted: NonNullable<Credit["refunds"]>,
): CreditNoteParts["refunds"] {
  const charges = new Set(chargesOf(sim, invoice).map(({ id }) => id));
  return wanted.map(({ refund: id, amount_refunded }) => {
    const refund = rowOf(sim.tables.refunds, "refund", id, "refunds");
    if (!charges.has(refund.charge ?? "")) {
      throw invalid(`Refund ${id} does not belong to invoice ${invoice.id}.`, "refunds");
    }
    const left = refund.amount - linkedAmountOf(sim, refund);
    const amount = amount_refunded ?? left;
    if (amount < 1 || amount > left) {
      throw invalid(`Refund ${id} has only ${left} left to link.`, "refunds");
    }
    return { refund: id, amount_refunded: amount };
  });
}

function linkedAmountOf(sim: Simulation, refund: StoredRefund): number {
  const links = [...sim.tables.creditNotes.values()].flatMap(({ refunds }) => refunds);
  return links
    .filter((link) => link.refund === refund.id)
    .reduce((sum, { amount_refunded }) => sum + amount_refunded, 0);
}

function notesOf(sim: Simulation, invoice: StoredInvoice): StoredCreditNote[] {
  return [...sim.tables.creditNotes.values()].filter((note) => note.invoice === invoice.id);
}

function onlyCharge(sim: Simulation, invoice: StoredInvoice): StoredCharge {
  const [charge, ...others] = chargesOf(sim, invoice);
  if (charge === undefined || others.length > 0) {
    const count = charge === undefined ? "no payment" : "several payments";
    throw invalid(`The invoice has ${count}, so refund_amount cannot be used.`, "refund_amount");
  }
  return charge;
}

function chargesOf(sim: Simulation, invoice: StoredInvoice): StoredCharge[] {
  return [...sim.tables.invoicePayments.values()]
    .filter((payment) => payment.invoice === invoice.id && payment.status === "paid")
    .map(({ payment }) => chargeFor(sim, String(payment.payment_intent)));
}
