import { rowOf } from "../http/fault";
import type { Simulation } from "../simulation";
import { endSubscription, isOver } from "./change-subscription";

/** Deletes a customer permanently. Live subscriptions end at once. */
export function deleteCustomer(sim: Simulation, id: string): void {
  const { customers, deletedCustomers, subscriptions } = sim.tables;
  const customer = rowOf(customers, "customer", id);
  for (const subscription of subscriptions.values()) {
    if (subscription.customer === id && !isOver(subscription)) {
      endSubscription(sim, subscription, "cancellation_requested");
    }
  }
  customers.delete(id);
  deletedCustomers.set(id, { id, object: "customer", deleted: true });
  sim.emit("customer.deleted", customer);
}
