import type Stripe from "stripe";
import { invalid, rowOf, StripeFault } from "../http/fault";
import { newDispute, newDisputeTransaction, newRefund } from "../objects/refund";
import type { Simulation } from "../simulation";
import type { StoredCharge, StoredDispute, StoredRefund } from "../tables";

/** Finds the charge by its own id or by its payment intent's. */
export function chargeFor(sim: Simulation, id: string): StoredCharge {
  const intent = sim.tables.paymentIntents.get(id);
  if (!intent) {
    return rowOf(sim.tables.charges, "charge", id, "charge");
  }
  if (intent.latest_charge === null) {
    throw invalid("This PaymentIntent does not have a successful charge to refund.");
  }
  return rowOf(sim.tables.charges, "charge", intent.latest_charge);
}

/** Refunds a charge, by default all that remains (minor units). */
export function refundCharge(
  sim: Simulation,
  charge: StoredCharge,
  given: { amount?: number | undefined; reason?: Stripe.Refund.Reason | undefined },
): StoredRefund {
  const left = charge.amount_captured - charge.amount_refunded;
  const amount = given.amount ?? left;
  checkRefundable(charge, amount, left);
  const refund = newRefund(sim.nowSeconds(), charge, { amount, reason: given.reason ?? null });
  sim.tables.refunds.set(refund.id, refund);
  const previous = { amount_refunded: charge.amount_refunded };
  charge.amount_refunded += amount;
  charge.refunded = charge.amount_refunded === charge.amount;
  sim.emit("refund.created", refund);
  sim.emit("charge.refunded", charge, previous);
  sim.emit("charge.refund.updated", refund);
  return refund;
}

/** Fails a refund: the bank returns it, and the charge's refunded amount shrinks. */
export function failRefund(sim: Simulation, refund: StoredRefund): void {
  if (refund.status !== "succeeded") {
    throw invalid(`Refund ${refund.id} is ${refund.status}`);
  }
  const charge = rowOf(sim.tables.charges, "charge", refund.charge ?? "");
  refund.status = "failed";
  refund.failure_reason = "lost_or_stolen_card";
  charge.amount_refunded -= refund.amount;
  charge.refunded = false;
  sim.emit("refund.updated", refund, { status: "succeeded" });
  sim.emit("charge.refund.updated", refund, { status: "succeeded" });
  sim.emit("refund.failed", refund);
  sim.emit("charge.updated", charge);
}

export function disputeCharge(
  sim: Simulation,
  charge: StoredCharge,
  given: { amount?: number | undefined; currency?: string | undefined } = {},
): StoredDispute {
  const { amount = charge.amount - charge.amount_refunded, currency = charge.currency } = given;
  if (!charge.paid || charge.disputed) {
    throw invalid(`Charge ${charge.id} is ${charge.disputed ? "disputed already" : "not paid"}.`);
  }
  const dispute = newDispute(sim.nowSeconds(), charge, { amount, currency });
  sim.tables.disputes.set(dispute.id, dispute);
  charge.disputed = true;
  sim.emit("charge.dispute.created", dispute);
  sim.emit("charge.dispute.funds_withdrawn", dispute);
  return dispute;
}

export function closeDispute(
  sim: Simulation,
  dispute: StoredDispute,
  outcome: "won" | "lost" | "prevented",
): void {
  if (dispute.status === "won" || dispute.status === "lost") {
    throw invalid(`Dispute ${dispute.id} is already ${dispute.status}.`);
  }
  const previous = { status: dispute.status };
  dispute.status = outcome;
  if (outcome === "won") {
    const { amount } = dispute;
    dispute.balance_transactions.push(newDisputeTransaction(sim.nowSeconds(), dispute, amount));
    sim.emit("charge.dispute.funds_reinstated", dispute);
  }
  sim.emit("charge.dispute.closed", dispute, previous);
}

/** Appeals a lost dispute. The money stays with the customer in the meantime. */
export function appealDispute(sim: Simulation, dispute: StoredDispute): void {
  if (dispute.status !== "lost") {
    throw invalid(`Dispute ${dispute.id} is ${dispute.status}, not lost.`);
  }
  dispute.status = "appeal_under_review";
  sim.emit("charge.dispute.updated", dispute, { status: "lost" });
}

export function checkRefundable(charge: StoredCharge, amount: number, left: number): void {
  if (charge.disputed) {
    const message = `Charge ${charge.id} has been charged back; cannot issue a refund.`;
    throw invalid(message, undefined, "charge_disputed");
  }
  if (charge.refunded) {
    const message = `Charge ${charge.id} has already been refunded.`;
    throw new StripeFault({ code: "charge_already_refunded", message });
  }
  if (!charge.paid) {
    throw invalid(`Charge ${charge.id} has not been paid.`, "charge");
  }
  if (amount < 1 || amount > left) {
    const message = `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`;
    throw invalid(message, "amount");
  }
}
