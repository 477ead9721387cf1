import { invalid } from "../http/fault";
import type { Simulation } from "../simulation";
import type { StoredPaymentIntent, StoredSession } from "../tables";
import { settleDebit } from "./charge-payment";
import { markInvoiceFailed, markInvoicePaid } from "./collect-invoice";
import { invoicePurchase } from "./invoice-purchase";

/** Settles or fails a session that was paid by bank debit. */
export function settleSession(
  sim: Simulation,
  session: StoredSession,
  outcome: "succeed" | "fail",
): void {
  const invoice = sim.tables.invoices.get(session.invoice ?? "") ?? null;
  const intent = intentOf(sim, session);
  if (intent?.status !== "processing") {
    throw invalid(`Session ${session.id} is paid or failed; no debit is pending.`);
  }
  settleDebit(sim, intent, outcome);
  if (outcome === "succeed") {
    session.payment_status = "paid";
    if (invoice) {
      markInvoicePaid(sim, invoice);
    }
    sim.emit("checkout.session.async_payment_succeeded", session);
    invoicePurchase(sim, session);
  } else {
    if (invoice) {
      markInvoiceFailed(sim, invoice);
    }
    sim.emit("checkout.session.async_payment_failed", session);
  }
}

/** Expires an open session, because its time is up or the merchant closed it. */
export function expireSession(sim: Simulation, session: StoredSession): void {
  if (session.status !== "open") {
    throw invalid(
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of ${session.status}`,
    );
  }
  session.status = "expired";
  session.url = null;
  sim.emit("checkout.session.expired", session);
}

/** Whether the session was paid by a bank debit that is still pending. */
export function awaitsDebit(sim: Simulation, session: StoredSession): boolean {
  return intentOf(sim, session)?.status === "processing";
}

/** The payment of the session or of its first invoice; null when nothing was charged. */
function intentOf(sim: Simulation, session: StoredSession): StoredPaymentIntent | null {
  const payments = [...sim.tables.invoicePayments.values()];
  const paid = session.invoice && payments.find(({ invoice }) => invoice === session.invoice);
  const id = paid ? paid.payment.payment_intent : session.payment_intent;
  return sim.tables.paymentIntents.get(typeof id === "string" ? id : "") ?? null;
}
