import type Stripe from "stripe";
import { invalid, rowOf, StripeFault } from "../http/fault";
import { mergeMetadata } from "../http/route";
import {
  newDispute,
  newDisputeTransaction,
  newEarlyFraudWarning,
  newRefund,
} from "../objects/refund";
import type { Simulation } from "../simulation";
import type { StoredCharge, StoredDispute, StoredEarlyFraudWarning, StoredRefund } from "../tables";

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
  given: {
    amount?: number | undefined;
    reason?: Stripe.Refund.Reason | undefined;
    status?: "succeeded" | "pending" | undefined;
    metadata?: Stripe.Metadata | undefined;
  },
): StoredRefund {
  const left = charge.amount_captured - charge.amount_refunded;
  const amount = given.amount ?? left;
  checkRefundable(sim, charge, { amount, left });
  const refund = newRefund(sim.nowSeconds(), charge, { amount, reason: given.reason ?? null });
  refund.status = given.status ?? "succeeded";
  refund.metadata = mergeMetadata({}, given.metadata);
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

/** A pending refund waits for the customer's bank details, or is canceled and returns its amount. */
export function movePendingRefund(
  sim: Simulation,
  refund: StoredRefund,
  to: "requires_action" | "canceled",
): void {
  const { status } = refund;
  if (status !== "pending" && status !== "requires_action") {
    throw invalid(`Refund ${refund.id} is ${status}`);
  }
  refund.status = to;
  if (to === "canceled") {
    const charge = rowOf(sim.tables.charges, "charge", refund.charge ?? "");
    charge.amount_refunded -= refund.amount;
    charge.refunded = false;
  }
  sim.emit("refund.updated", refund, { status });
  sim.emit("charge.refund.updated", refund, { status });
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

/** The bank asks about a charge. No money moves, and the charge can still be refunded. */
export function inquireCharge(sim: Simulation, charge: StoredCharge): StoredDispute {
  const { amount, currency } = charge;
  const inquiry = newDispute(sim.nowSeconds(), charge, { amount, currency });
  inquiry.status = "warning_needs_response";
  inquiry.is_charge_refundable = true;
  inquiry.balance_transactions = [];
  sim.tables.disputes.set(inquiry.id, inquiry);
  sim.emit("charge.dispute.created", inquiry);
  return inquiry;
}

export function moveInquiry(
  sim: Simulation,
  inquiry: StoredDispute,
  outcome: "closes" | "escalates",
): void {
  if (inquiry.status !== "warning_needs_response") {
    throw invalid(`Dispute ${inquiry.id} is ${inquiry.status}, not an inquiry.`);
  }
  const previous = { status: inquiry.status };
  if (outcome === "closes") {
    inquiry.status = "warning_closed";
    sim.emit("charge.dispute.closed", inquiry, previous);
    return;
  }
  inquiry.status = "needs_response";
  inquiry.is_charge_refundable = false;
  const withdrawal = newDisputeTransaction(sim.nowSeconds(), inquiry, -inquiry.amount);
  inquiry.balance_transactions.push(withdrawal);
  rowOf(sim.tables.charges, "charge", inquiry.charge).disputed = true;
  sim.emit("charge.dispute.updated", inquiry, previous);
  sim.emit("charge.dispute.funds_withdrawn", inquiry);
}

/** The card's issuer suspects fraud. No money moves. */
export function warnOfFraud(sim: Simulation, charge: StoredCharge): StoredEarlyFraudWarning {
  const warning = newEarlyFraudWarning(sim.nowSeconds(), charge);
  sim.tables.earlyFraudWarnings.set(warning.id, warning);
  sim.emit("radar.early_fraud_warning.created", warning);
  return warning;
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

/** Appeals a lost dispute. The customer keeps the money until it is decided. */
export function appealDispute(sim: Simulation, dispute: StoredDispute): void {
  if (dispute.status !== "lost") {
    throw invalid(`Dispute ${dispute.id} is ${dispute.status}, not lost.`);
  }
  dispute.status = "appeal_under_review";
  sim.emit("charge.dispute.updated", dispute, { status: "lost" });
}

/**
 * Stripe refuses a refund while a dispute is open and after it is lost. An inquiry or a dispute that was
 * won does not prevent one, although the charge stays marked as disputed.
 */
export function checkRefundable(
  sim: Simulation,
  charge: StoredCharge,
  { amount, left }: { amount: number; left: number },
): void {
  if (isChargedBack(sim, charge)) {
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

export function isChargedBack(sim: Simulation, charge: StoredCharge): boolean {
  return [...sim.tables.disputes.values()].some(
    ({ charge: disputed, status }) =>
      disputed === charge.id && status !== "won" && !status.startsWith("warning_"),
  );
}
