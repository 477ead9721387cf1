import type Stripe from "stripe";
import { rowOf } from "../http/fault";
import type { Simulation } from "../simulation";
import { endSubscription, isOver } from "./change-subscription";

/** Deletes a customer for good; live subscriptions end at once. */
export function deleteCustomer(sim: Simulation, id: string): Stripe.DeletedCustomer {
  const { customers, deletedCustomers, subscriptions } = sim.tables;
  const customer = rowOf(customers, "customer", id);
  for (const subscription of subscriptions.values()) {
    if (subscription.customer === id && !isOver(subscription)) {
      endSubscription(sim, subscription, "cancellation_requested");
    }
  }
  const deleted: Stripe.DeletedCustomer = { id, object: "customer", deleted: true };
  customers.delete(id);
  deletedCustomers.set(id, deleted);
  sim.emit("customer.deleted", customer);
  return deleted;
}
