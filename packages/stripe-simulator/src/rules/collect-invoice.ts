import type Stripe from "stripe";
import { invalid, rowOf } from "../http/fault";
import { newInvoicePayment } from "../objects/payment";
import type { Simulation } from "../simulation";
import type {
  StoredInvoice,
  StoredInvoicePayment,
  StoredPaymentIntent,
  StoredSubscription,
} from "../tables";
import { changeBalance } from "./change-balance";
import { changeSubscription, endSubscription, isOver, stopCollecting } from "./change-subscription";
import {
  beginDebit,
  declinePayment,
  demandAuthentication,
  startPayment,
  succeedPayment,
} from "./charge-payment";

/** Days until the next attempt after the first, second and third decline. A fourth decline is final. */
const RETRY_DAYS = [3, 5, 7];

export function subscriptionOf(sim: Simulation, invoice: StoredInvoice): StoredSubscription {
  const parent = invoice.parent?.subscription_details?.subscription;
  const id = typeof parent === "string" ? parent : "";
  return rowOf(sim.tables.subscriptions, "subscription", id);
}

/** draft → open: numbers the invoice and applies the customer's balance. */
export function finalizeInvoice(sim: Simulation, invoice: StoredInvoice): void {
  const customer = rowOf(sim.tables.customers, "customer", invoice.customer ?? "");
  numberInvoice(sim, invoice, customer);
  // A negative balance is credit: it pays first, and a negative total adds to it.
  invoice.starting_balance = customer.balance;
  invoice.amount_due = Math.max(0, invoice.total + customer.balance);
  invoice.amount_remaining = invoice.amount_due;
  invoice.ending_balance = customer.balance + invoice.total - invoice.amount_due;
  sim.emit("invoice.finalized", invoice);
  changeBalance(sim, customer, {
    amount: invoice.ending_balance - invoice.starting_balance,
    currency: invoice.currency,
    type: invoice.total < 0 ? "invoice_too_small" : "applied_to_invoice",
    invoice: invoice.id,
  });
}

/** Gives an invoice its number, its page and its PDF, which makes it open. */
export function numberInvoice(
  sim: Simulation,
  invoice: StoredInvoice,
  customer: Stripe.Customer,
): void {
  const sequence = customer.next_invoice_sequence ?? 1;
  customer.next_invoice_sequence = sequence + 1;
  invoice.number = `${customer.invoice_prefix}-${String(sequence).padStart(4, "0")}`;
  invoice.status = "open";
  invoice.effective_at = sim.nowSeconds();
  invoice.status_transitions.finalized_at = sim.nowSeconds();
  invoice.automatically_finalizes_at = null;
  invoice.hosted_invoice_url = `${sim.url}/invoice/${invoice.id}`;
  invoice.invoice_pdf = `${sim.url}/invoice/${invoice.id}?print=1`;
}

/** Charges an open invoice and returns the outcome. An invoice with nothing due counts as paid. */
export function collectInvoice(
  sim: Simulation,
  invoice: StoredInvoice,
  method: "card" | "bank" | "declined card" = "card",
): "paid" | "declined" | "processing" {
  if (invoice.amount_due === 0) {
    markInvoicePaid(sim, invoice);
    return "paid";
  }
  const intent = openIntent(sim, invoice);
  invoice.attempted = true;
  invoice.attempt_count += 1;
  if (method === "bank") {
    beginDebit(sim, intent);
    return "processing";
  }
  if (takePlanned(sim, invoice, sim.tables.plannedAuthentications)) {
    demandAuthentication(sim, intent);
    sim.emit("invoice.payment_action_required", invoice);
    markInvoiceFailed(sim, invoice);
    return "declined";
  }
  if (method === "declined card" || takePlanned(sim, invoice, sim.tables.plannedDeclines)) {
    declinePayment(sim, intent, "card");
    markInvoiceFailed(sim, invoice);
    return "declined";
  }
  succeedPayment(sim, intent, "card");
  markInvoicePaid(sim, invoice);
  return "paid";
}

/** Pays part of an open invoice (minor units) with a separate payment. The remainder stays due. */
export function payInvoicePart(sim: Simulation, invoice: StoredInvoice, amount: number): void {
  if (amount < 1 || amount >= invoice.amount_remaining) {
    throw invalid(`Amount (${amount}) is not a part of what is due (${invoice.amount_remaining})`);
  }
  const rest = openIntent(sim, invoice);
  const due = paymentOf(sim, invoice);
  rest.amount -= amount;
  if (due) {
    due.amount_requested -= amount;
  }
  invoice.amount_paid += amount;
  invoice.amount_remaining -= amount;
  const { intent, payment } = requestPayment(sim, invoice, amount);
  payment.is_default = false;
  succeedPayment(sim, intent, "card");
  markPaid(sim, payment);
}

export function markInvoicePaid(sim: Simulation, invoice: StoredInvoice): void {
  invoice.status = "paid";
  invoice.amount_paid = invoice.amount_due;
  invoice.amount_remaining = 0;
  invoice.attempted = true;
  invoice.auto_advance = false;
  invoice.next_payment_attempt = null;
  invoice.status_transitions.paid_at = sim.nowSeconds();
  const subscription = subscriptionOf(sim, invoice);
  if (subscription.status === "incomplete" || subscription.status === "past_due") {
    changeSubscription(sim, subscription, { status: "active" });
  }
  sim.emit("invoice.paid", invoice);
  sim.emit("invoice.payment_succeeded", invoice);
  const payment = paymentOf(sim, invoice);
  if (payment) {
    markPaid(sim, payment);
  }
}

/** Handles a declined attempt: schedules the next one, or ends the subscription after the last. */
export function markInvoiceFailed(sim: Simulation, invoice: StoredInvoice): void {
  const subscription = subscriptionOf(sim, invoice);
  const waitDays = RETRY_DAYS[invoice.attempt_count - 1];
  const isCollected = invoice.status === "open" && !isOver(subscription);
  const retries = isCollected && subscription.status !== "incomplete" && waitDays !== undefined;
  invoice.next_payment_attempt = retries ? sim.nowSeconds() + waitDays * 86_400 : null;
  sim.emit("invoice.payment_failed", invoice);
  if (!isCollected || subscription.status === "incomplete") {
    return;
  }
  if (retries) {
    changeSubscription(sim, subscription, { status: "past_due" });
  } else {
    endSubscription(sim, subscription, "payment_failed");
  }
}

/**
 * Voids an open or uncollectible invoice and returns what the customer's balance paid of it. Stripe
 * refuses while a payment is being processed.
 */
export function voidInvoice(sim: Simulation, invoice: StoredInvoice): void {
  if (invoice.status !== "open" && invoice.status !== "uncollectible") {
    throw invalid(
      `You can only void open or uncollectible invoices. This invoice is ${invoice.status}.`,
    );
  }
  if (isProcessing(sim, invoice)) {
    throw invalid(`Invoice ${invoice.id} has a payment that is being processed.`);
  }
  stopCollecting(invoice);
  invoice.status = "void";
  invoice.status_transitions.voided_at = sim.nowSeconds();
  sim.emit("invoice.voided", invoice);
  returnBalance(sim, invoice);
  reactivate(sim, invoice);
}

/** Writes an open invoice off. It can still be paid or voided. */
export function markUncollectible(sim: Simulation, invoice: StoredInvoice): void {
  if (invoice.status !== "open") {
    throw invalid(
      `You can only mark open invoices as uncollectible. This invoice is ${invoice.status}.`,
    );
  }
  stopCollecting(invoice);
  invoice.status = "uncollectible";
  invoice.status_transitions.marked_uncollectible_at = sim.nowSeconds();
  sim.emit("invoice.marked_uncollectible", invoice);
  reactivate(sim, invoice);
}

/** Pays an invoice on its page, with a valid card unless a decline was planned for it. */
export function payInvoice(sim: Simulation, invoice: StoredInvoice): void {
  if (!isPayable(invoice)) {
    throw invalid(`Invoice ${invoice.id} is ${invoice.status}`);
  }
  collectInvoice(sim, invoice);
}

/** Whether the customer can pay the invoice on its page. */
export function isPayable({ status }: StoredInvoice): boolean {
  return status === "open" || status === "uncollectible";
}

function returnBalance(sim: Simulation, invoice: StoredInvoice): void {
  const customer = sim.tables.customers.get(invoice.customer ?? "");
  const applied = (invoice.ending_balance ?? 0) - invoice.starting_balance;
  if (customer) {
    const { currency, id } = invoice;
    const type = "unapplied_from_invoice";
    changeBalance(sim, customer, { amount: -applied, currency, type, invoice: id });
  }
}

/** A past due subscription is active again when its latest invoice needs no payment any more. */
function reactivate(sim: Simulation, invoice: StoredInvoice): void {
  const subscription = subscriptionOf(sim, invoice);
  if (subscription.status === "past_due" && subscription.latest_invoice === invoice.id) {
    changeSubscription(sim, subscription, { status: "active" });
  }
}

function isProcessing(sim: Simulation, invoice: StoredInvoice): boolean {
  const intent = paymentOf(sim, invoice)?.payment.payment_intent;
  return (
    typeof intent === "string" && sim.tables.paymentIntents.get(intent)?.status === "processing"
  );
}

function paymentOf(sim: Simulation, invoice: StoredInvoice) {
  const payments = [...sim.tables.invoicePayments.values()];
  return payments.find((payment) => payment.invoice === invoice.id && payment.is_default);
}

/** The payment intent of this invoice: created by the first attempt and used by all. */
function openIntent(sim: Simulation, invoice: StoredInvoice): StoredPaymentIntent {
  const known = paymentOf(sim, invoice)?.payment.payment_intent;
  if (typeof known === "string") {
    return rowOf(sim.tables.paymentIntents, "payment_intent", known);
  }
  if (!isPayable(invoice)) {
    throw invalid(`Invoice ${invoice.id} is not open`);
  }
  return requestPayment(sim, invoice, invoice.amount_due).intent;
}

/** A payment of an invoice and the payment intent behind it. */
function requestPayment(sim: Simulation, invoice: StoredInvoice, amount: number) {
  const { currency, customer } = invoice;
  const description = "Subscription payment";
  const intent = startPayment(sim, { amount, currency, customer, description, metadata: {} });
  const payment = newInvoicePayment(sim.nowSeconds(), invoice.id, intent);
  sim.tables.invoicePayments.set(payment.id, payment);
  return { intent, payment };
}

/** Records that a payment of an invoice has succeeded. */
export function markPaid(sim: Simulation, payment: StoredInvoicePayment): void {
  payment.status = "paid";
  payment.amount_paid = payment.amount_requested;
  payment.status_transitions.paid_at = sim.nowSeconds();
  sim.emit("invoice_payment.paid", payment);
}

/** Uses up one outcome that was planned for this customer or subscription. */
function takePlanned(
  sim: Simulation,
  invoice: StoredInvoice,
  planned: Map<string, number>,
): boolean {
  const payers = [invoice.customer ?? "", subscriptionOf(sim, invoice).id];
  const payer = payers.find((id) => planned.get(id));
  if (payer === undefined) {
    return false;
  }
  planned.set(payer, (planned.get(payer) ?? 0) - 1);
  return true;
}
