import { newInvoice, newPurchaseLine } from "../objects/invoice";
import { newInvoicePayment } from "../objects/payment";
import type { Simulation } from "../simulation";
import type { StoredSession } from "../tables";
import { markPaid, numberInvoice } from "./collect-invoice";

/**
 * Creates the invoice of a one-time purchase after its payment, if the session asks for one. It is paid
 * from the start, belongs to no subscription and does not touch the customer's balance. A free order gets
 * one without a payment, and a customer who was deleted meanwhile gets none.
 */
export function invoicePurchase(sim: Simulation, session: StoredSession): void {
  const customer = sim.tables.customers.get(session.customer ?? "");
  const order = sim.tables.orders.get(session.id);
  if (!session.invoice_creation?.enabled || customer === undefined || order === undefined) {
    return;
  }
  const now = sim.nowSeconds();
  const invoice = newInvoice(now, {
    customer,
    subscription: null,
    currency: session.currency ?? "usd",
    billingReason: "manual",
    lines: order.lineItems.map((line) => newPurchaseLine(now, line)),
    period: { start: now, end: now },
    finalizesAt: null,
  });
  invoice.auto_advance = false;
  invoice.metadata = { ...session.invoice_creation.invoice_data.metadata };
  sim.tables.invoices.set(invoice.id, invoice);
  session.invoice = invoice.id;
  sim.emit("invoice.created", invoice);
  numberInvoice(sim, invoice, customer);
  sim.emit("invoice.finalized", invoice);
  invoice.status = "paid";
  invoice.amount_paid = invoice.amount_due;
  invoice.amount_remaining = 0;
  invoice.attempted = true;
  invoice.ending_balance = invoice.starting_balance;
  invoice.status_transitions.paid_at = now;
  sim.emit("invoice.paid", invoice);
  sim.emit("invoice.payment_succeeded", invoice);
  const intent = sim.tables.paymentIntents.get(session.payment_intent ?? "");
  if (intent !== undefined) {
    const payment = newInvoicePayment(now, invoice.id, intent);
    sim.tables.invoicePayments.set(payment.id, payment);
    markPaid(sim, payment);
  }
}
