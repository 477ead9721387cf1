import { invalid, rowOf } from "../http/fault";
import type { Simulation } from "../simulation";
import type { StoredInvoice, StoredPaymentIntent, StoredSession } from "../tables";
import { settleDebit } from "./charge-payment";
import { markInvoiceFailed, markInvoicePaid } from "./collect-invoice";

/** A session paid by bank debit: the money arrives, or it does not. */
export function settleSession(
  sim: Simulation,
  session: StoredSession,
  outcome: "succeed" | "fail",
): void {
  const invoice = sim.tables.invoices.get(session.invoice ?? "") ?? null;
  const intent = processingIntent(sim, session, invoice);
  settleDebit(sim, intent, outcome);
  if (outcome === "succeed") {
    session.payment_status = "paid";
    if (invoice) {
      markInvoicePaid(sim, invoice);
    }
    sim.emit("checkout.session.async_payment_succeeded", session);
  } else {
    if (invoice) {
      markInvoiceFailed(sim, invoice);
    }
    sim.emit("checkout.session.async_payment_failed", session);
  }
}

/** An open session's time is up, or the merchant withdraws it. */
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

function processingIntent(
  sim: Simulation,
  session: StoredSession,
  invoice: StoredInvoice | null,
): StoredPaymentIntent {
  const payments = [...sim.tables.invoicePayments.values()];
  const paid = invoice && payments.find((payment) => payment.invoice === invoice.id);
  const id = paid?.payment.payment_intent ?? session.payment_intent;
  const intent = rowOf(
    sim.tables.paymentIntents,
    "payment_intent",
    typeof id === "string" ? id : "",
  );
  if (intent.status !== "processing") {
    throw invalid(`PaymentIntent ${intent.id} is ${intent.status}; no debit is on its way.`);
  }
  return intent;
}
