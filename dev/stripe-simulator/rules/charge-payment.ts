import { newId } from "../ids";
import type { PaymentMethod } from "../objects/payment";
import { newCharge, newPaymentIntent } from "../objects/payment";
import type { Simulation } from "../simulation";
import type { StoredCharge, StoredPaymentIntent } from "../tables";

export function startPayment(
  sim: Simulation,
  given: Parameters<typeof newPaymentIntent>[1],
): StoredPaymentIntent {
  const intent = newPaymentIntent(sim.nowSeconds(), given);
  sim.tables.paymentIntents.set(intent.id, intent);
  sim.emit("payment_intent.created", intent);
  return intent;
}

export function succeedPayment(
  sim: Simulation,
  intent: StoredPaymentIntent,
  method: PaymentMethod,
): void {
  const charge = charged(sim, intent, method, "succeeded");
  sim.emit("charge.succeeded", charge);
  markSucceeded(sim, intent);
}

export function declinePayment(
  sim: Simulation,
  intent: StoredPaymentIntent,
  method: PaymentMethod,
): void {
  const charge = charged(sim, intent, method, "failed");
  sim.emit("charge.failed", charge);
  markDeclined(sim, intent);
}

/** A bank debit: the money is asked for and comes, or does not come, days later. */
export function beginDebit(sim: Simulation, intent: StoredPaymentIntent): void {
  const charge = charged(sim, intent, "bank", "pending");
  intent.status = "processing";
  sim.emit("charge.pending", charge);
  sim.emit("payment_intent.processing", intent);
}

export function settleDebit(
  sim: Simulation,
  intent: StoredPaymentIntent,
  outcome: "succeed" | "fail",
): void {
  const charge = sim.tables.charges.get(intent.latest_charge ?? "");
  if (!charge) {
    return;
  }
  if (outcome === "succeed") {
    charge.status = "succeeded";
    charge.paid = true;
    charge.captured = true;
    charge.amount_captured = charge.amount;
    charge.balance_transaction = newId("txn");
    charge.receipt_url = `${sim.url}/receipt/${charge.id}`;
    sim.emit("charge.succeeded", charge);
    markSucceeded(sim, intent);
  } else {
    charge.status = "failed";
    charge.failure_code = "insufficient_funds";
    charge.failure_message = "The account had too little money for this debit.";
    sim.emit("charge.failed", charge);
    markDeclined(sim, intent);
  }
}

function charged(
  sim: Simulation,
  intent: StoredPaymentIntent,
  method: PaymentMethod,
  status: "succeeded" | "pending" | "failed",
): StoredCharge {
  const email = sim.tables.customers.get(intent.customer ?? "")?.email ?? null;
  intent.payment_method = newId("pm");
  intent.payment_method_types = [method === "bank" ? "us_bank_account" : method];
  const given = { status, method, email, siteUrl: sim.url };
  const charge = newCharge(sim.nowSeconds(), intent, given);
  sim.tables.charges.set(charge.id, charge);
  intent.latest_charge = charge.id;
  return charge;
}

function markSucceeded(sim: Simulation, intent: StoredPaymentIntent): void {
  intent.status = "succeeded";
  intent.amount_received = intent.amount;
  intent.last_payment_error = null;
  sim.emit("payment_intent.succeeded", intent);
}

function markDeclined(sim: Simulation, intent: StoredPaymentIntent): void {
  intent.status = "requires_payment_method";
  intent.last_payment_error = {
    code: "card_declined",
    decline_code: "generic_decline",
    message: "Your card was declined.",
    type: "card_error",
    ...(intent.latest_charge && { charge: intent.latest_charge }),
  };
  sim.emit("payment_intent.payment_failed", intent);
}
