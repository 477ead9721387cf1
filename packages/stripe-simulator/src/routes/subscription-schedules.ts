import { z } from "zod";
import { addMonths } from "../clock";
import { invalid, rowOf } from "../http/fault";
import { listOf, metadata, none, text, whole } from "../http/params";
import { mergeMetadata, retrieveRoute, route } from "../http/route";
import { newPhase, type PlannedPhase } from "../objects/subscription-schedule";
import {
  checkIsActive,
  endOfPeriod,
  releaseSchedule,
  scheduleFromSubscription,
} from "../rules/schedule-phases";
import type { Simulation } from "../simulation";
import type { StoredSchedule } from "../tables";

const schedules = "/v1/subscription_schedules";

const prorations = z.enum(["none", "create_prorations", "always_invoice"]);
const phase = z.strictObject({
  items: listOf(z.strictObject({ price: text, quantity: whole.default(1) })),
  start_date: whole.optional(),
  end_date: whole.optional(),
  duration: z
    .strictObject({ interval: z.enum(["month", "year"]), interval_count: whole.default(1) })
    .optional(),
  proration_behavior: prorations.default("create_prorations"),
});
type GivenPhase = z.output<typeof phase>;

const creation = z.strictObject({ from_subscription: text, metadata: metadata.optional() });
const update = z
  .strictObject({
    phases: listOf(phase),
    end_behavior: z.enum(["release"]),
    proration_behavior: prorations,
    metadata,
  })
  .partial();

export const subscriptionScheduleRoutes = [
  retrieveRoute(schedules, "subscription schedule", (sim) => sim.tables.subscriptionSchedules),
  route("POST", schedules, creation, ({ sim, given }) => {
    const { subscriptions } = sim.tables;
    const { from_subscription: id } = given;
    const made = scheduleFromSubscription(
      sim,
      rowOf(subscriptions, "subscription", id, "from_subscription"),
    );
    made.metadata = mergeMetadata(made.metadata, given.metadata);
    return made;
  }),
  route("POST", `${schedules}/:id`, update, ({ sim, id, given }) => {
    const schedule = rowOf(sim.tables.subscriptionSchedules, "subscription schedule", id);
    checkIsActive(schedule, "update");
    if (given.phases !== undefined) {
      schedule.phases = plannedPhases(sim, schedule, given.phases);
    }
    schedule.metadata = mergeMetadata(schedule.metadata, given.metadata);
    sim.emit("subscription_schedule.updated", schedule);
    return schedule;
  }),
  route("POST", `${schedules}/:id/release`, none, ({ sim, id }) => {
    const schedule = rowOf(sim.tables.subscriptionSchedules, "subscription schedule", id);
    releaseSchedule(sim, schedule);
    return schedule;
  }),
];

/**
 * The phases of an update, the running one first. Each starts where the one before ends; the last one
 * lasts one period unless its end is given.
 */
function plannedPhases(sim: Simulation, schedule: StoredSchedule, given: GivenPhase[]) {
  const running = schedule.current_phase;
  const [first] = given;
  if (running === null || first === undefined || first.start_date !== running.start_date) {
    throw invalid(
      "You can not modify the start date of the current phase.",
      "phases[0][start_date]",
    );
  }
  if (endOf(sim, first, running.start_date) !== running.end_date) {
    throw invalid(
      "The simulator supports only phases that begin with a period; see packages/stripe-simulator/README.md.",
      "phases[0][end_date]",
    );
  }
  const planned: PlannedPhase[] = [];
  for (const [n, { items, start_date, ...rest }] of given.entries()) {
    const start = planned.at(-1)?.end ?? running.start_date;
    if (start_date !== undefined && start_date !== start) {
      throw invalid(
        "Phases must follow one another without a gap: each starts when the one before ends.",
        `phases[${n}][start_date]`,
      );
    }
    const end = endOf(sim, { items, ...rest }, start);
    if (end <= start) {
      throw invalid("A phase must end after it starts.", `phases[${n}][end_date]`);
    }
    planned.push({ items, start, end });
  }
  const [{ currency = "usd" } = {}] = schedule.phases;
  return planned.map((one, n) => newPhase(currency, one, given[n]?.proration_behavior));
}

function endOf(
  { tables }: Simulation,
  { items, end_date, duration }: Pick<GivenPhase, "items" | "end_date" | "duration">,
  start: number,
): number {
  const [item] = items;
  const price = rowOf(tables.prices, "price", item?.price ?? "", "phases[0][items][0][price]");
  if (end_date !== undefined) return end_date;
  if (duration === undefined) return endOfPeriod(price, start);
  const months = duration.interval_count * (duration.interval === "year" ? 12 : 1);
  return addMonths(start * 1000, months) / 1000;
}
