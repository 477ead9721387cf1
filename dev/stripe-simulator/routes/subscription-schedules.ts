import { missing } from "../http/fault";
import type { Call } from "../http/route";
import { route } from "../http/route";
import { newReleasedSchedule } from "../objects/subscription-schedule";
import { releaseSchedule } from "../rules/switch-price";

/** A planned switch shows as the id of its schedule only; that is all there is to let go of. */
export const scheduleRoutes = [route("POST", "/v1/subscription_schedules/:id/release", release)];

function release({ sim, id }: Call) {
  return () => {
    const subscription = [...sim.tables.subscriptions.values()].find((one) => one.schedule === id);
    if (!subscription) {
      throw missing("subscription schedule", id);
    }
    releaseSchedule(sim, subscription);
    return newReleasedSchedule(sim.nowSeconds(), { id, subscription });
  };
}
