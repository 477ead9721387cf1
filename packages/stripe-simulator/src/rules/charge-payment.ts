import { newId } from "../ids";
import { newCharge, newPaymentIntent, type PaymentMethod } from "../objects/payment";
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
  succeed(sim, intent, pendingCharge(sim, intent, method));
}

export function declinePayment(
  sim: Simulation,
  intent: StoredPaymentIntent,
  method: PaymentMethod,
): void {
  fail(sim, intent, pendingCharge(sim, intent, method));
}

/** The cardholder's bank requires confirmation of the payment. It can be completed on the invoice's page. */
export function demandAuthentication(sim: Simulation, intent: StoredPaymentIntent): void {
  intent.payment_method = newId("pm");
  intent.status = "requires_action";
  intent.next_action = { type: "use_stripe_sdk", use_stripe_sdk: {} };
  sim.emit("payment_intent.requires_action", intent);
}

/** A bank debit: requested now, settled or failed days later. */
export function beginDebit(sim: Simulation, intent: StoredPaymentIntent): void {
  const charge = pendingCharge(sim, intent, "us_bank_account");
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
  if (charge) {
    const settle = outcome === "succeed" ? succeed : fail;
    settle(sim, intent, charge);
  }
}

function pendingCharge(
  sim: Simulation,
  intent: StoredPaymentIntent,
  method: PaymentMethod,
): StoredCharge {
  intent.payment_method = newId("pm");
  intent.payment_method_types = [method];
  const charge = newCharge(sim.nowSeconds(), intent, method);
  sim.tables.charges.set(charge.id, charge);
  intent.latest_charge = charge.id;
  return charge;
}

function succeed(sim: Simulation, intent: StoredPaymentIntent, charge: StoredCharge): void {
  charge.status = "succeeded";
  charge.paid = true;
  charge.captured = true;
  charge.amount_captured = charge.amount;
  charge.balance_transaction = newId("txn");
  charge.receipt_url = `${sim.url}/receipt/${charge.id}`;
  sim.emit("charge.succeeded", charge);
  intent.status = "succeeded";
  intent.amount_received = intent.amount;
  intent.last_payment_error = null;
  intent.next_action = null;
  sim.emit("payment_intent.succeeded", intent);
}

function fail(sim: Simulation, intent: StoredPaymentIntent, charge: StoredCharge): void {
  const isDebit = intent.status === "processing";
  charge.status = "failed";
  charge.failure_code = isDebit ? "insufficient_funds" : "card_declined";
  charge.failure_message = isDebit
    ? "The account has insufficient funds."
    : "The card was declined.";
  sim.emit("charge.failed", charge);
  intent.status = "requires_payment_method";
  intent.next_action = null;
  intent.last_payment_error = {
    charge: charge.id,
    code: "card_declined",
    decline_code: "generic_decline",
    message: charge.failure_message,
    type: "card_error",
  };
  sim.emit("payment_intent.payment_failed", intent);
}
