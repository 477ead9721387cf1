import type Stripe from "stripe";
import type { PaymentReversal } from "@/db/schema";
import type { BillingDeps } from "../deps";

/**
 * A dispute can be prevented by returning the money; its balance transactions show it, perhaps later
 * than its status. An appeal follows a lost dispute, whose money stays gone.
 */
export function stateOfDispute({
  status,
  balance_transactions,
}: Pick<Stripe.Dispute, "status" | "balance_transactions">): PaymentReversal["state"] {
  if (status === "won") return "undone";
  if (status === "lost" || status.startsWith("appeal_")) return "standing";
  if (status === "prevented") return isMoneyGone(balance_transactions) ? "standing" : "harmless";
  return status.startsWith("warning_") ? "harmless" : "open";
}

/**
 * Whether a dispute prevents a refund. Stripe refuses a refund while a dispute is open and after it is
 * lost, even of the part that was not disputed.
 */
export async function isHeldByDispute(
  { stripe }: BillingDeps,
  { paymentIntentId, charge }: { paymentIntentId: string; charge: Stripe.Charge },
): Promise<boolean> {
  if (!charge.disputed) return false;
  const disputes = await stripe.disputes
    .list({ payment_intent: paymentIntentId, limit: 100 })
    .autoPagingToArray({ limit: 100 });
  const states = disputes.map(stateOfDispute);
  return states.includes("open") || states.includes("standing");
}

/** Whether the amounts of one currency have a negative sum. */
function isMoneyGone(moved: readonly Stripe.BalanceTransaction[]): boolean {
  const sums = new Map<string, number>();
  for (const { amount, currency } of moved) sums.set(currency, (sums.get(currency) ?? 0) + amount);
  return [...sums.values()].some((sum) => sum < 0);
}
