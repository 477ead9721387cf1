import type Stripe from "stripe";
import { newCustomerBalanceTransaction } from "../objects/credit-note";
import type { Simulation } from "../simulation";
import type { StoredBalanceTransaction } from "../tables";

/**
 * Changes a customer's balance and records the transaction. A negative amount is credit for the
 * customer. Zero changes nothing.
 */
export function changeBalance(
  sim: Simulation,
  customer: Stripe.Customer,
  change: Parameters<typeof newCustomerBalanceTransaction>[2],
): StoredBalanceTransaction | null {
  if (change.amount === 0) {
    return null;
  }
  const { balance } = customer;
  customer.balance += change.amount;
  const transaction = recordBalanceChange(sim, customer, change);
  sim.emit("customer.updated", customer, { balance });
  return transaction;
}

/** Records a change that the customer's balance includes already. */
export function recordBalanceChange(
  sim: Simulation,
  customer: Stripe.Customer,
  change: Parameters<typeof newCustomerBalanceTransaction>[2],
): StoredBalanceTransaction {
  const transaction = newCustomerBalanceTransaction(sim.nowSeconds(), customer, change);
  sim.tables.customerBalanceTransactions.set(transaction.id, transaction);
  return transaction;
}
