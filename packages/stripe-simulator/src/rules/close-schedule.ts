import { rowOf } from "../http/fault";
import type { Simulation } from "../simulation";
import type { StoredSchedule, StoredSubscription } from "../tables";

/** The schedule that is attached to a subscription, or null. */
export function scheduleOf(
  { tables }: Simulation,
  { schedule }: StoredSubscription,
): StoredSchedule | null {
  return schedule === null
    ? null
    : rowOf(tables.subscriptionSchedules, "subscription schedule", schedule);
}

/** Ends a schedule. `released`: the subscription continues. `canceled`: the subscription has ended. */
export function closeSchedule(
  sim: Simulation,
  schedule: StoredSchedule,
  status: "released" | "canceled",
): void {
  schedule.status = status;
  schedule.current_phase = null;
  if (status === "released") {
    schedule.released_at = sim.nowSeconds();
    schedule.released_subscription = schedule.subscription;
    schedule.subscription = null;
  } else {
    schedule.canceled_at = sim.nowSeconds();
  }
  sim.emit(`subscription_schedule.${status}`, schedule);
}
