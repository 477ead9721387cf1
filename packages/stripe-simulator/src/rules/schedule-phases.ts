import type Stripe from "stripe";
import { nextPeriodEnd } from "../clock";
import { invalid, rowOf } from "../http/fault";
import { newSchedule, type PlannedPhase } from "../objects/subscription-schedule";
import type { Simulation } from "../simulation";
import type { StoredPrice, StoredSchedule, StoredSubscription } from "../tables";
import { unitAmount } from "./bill-subscription";
import { changeSubscription, isOver, planItem } from "./change-subscription";
import { closeSchedule, scheduleOf } from "./close-schedule";

/** Attaches a schedule with the running period as its only phase. */
export function scheduleFromSubscription(
  sim: Simulation,
  subscription: StoredSubscription,
): StoredSchedule {
  if (subscription.schedule !== null) {
    throw invalid(
      `You cannot migrate a subscription that is already attached to a schedule: ${subscription.schedule}`,
      "from_subscription",
    );
  }
  if (isOver(subscription)) {
    throw invalid("You cannot migrate a subscription that is canceled.", "from_subscription");
  }
  return attachSchedule(sim, subscription, [runningPhase(subscription)]);
}

/**
 * Schedules another price for the end of the period, as the portal does for a downgrade. Replaces a
 * schedule that is attached already.
 */
export function planSwitch(
  sim: Simulation,
  subscription: StoredSubscription,
  price: StoredPrice,
): void {
  if (subscription.cancel_at !== null) {
    throw invalid("This subscription is set to end.");
  }
  // Refuses a price without the subscription's currency.
  unitAmount(sim, subscription, price);
  releaseScheduleOf(sim, subscription);
  const running = runningPhase(subscription);
  const start = running.end;
  const quantity = planItem(subscription).quantity ?? 1;
  const next = { items: [{ price: price.id, quantity }], start, end: endOfPeriod(price, start) };
  attachSchedule(sim, subscription, [running, next]);
}

/** Releases a schedule: the subscription continues as it is. */
export function releaseSchedule(sim: Simulation, schedule: StoredSchedule): void {
  checkIsActive(schedule, "release");
  const subscription = subscriptionOfSchedule(sim, schedule);
  closeSchedule(sim, schedule, "released");
  changeSubscription(sim, subscription, { schedule: null });
}

/** Releases the schedule that is attached to a subscription, if there is one. */
export function releaseScheduleOf(sim: Simulation, subscription: StoredSubscription): void {
  const schedule = scheduleOf(sim, subscription);
  if (schedule !== null) releaseSchedule(sim, schedule);
}

export function checkIsActive({ status }: StoredSchedule, verb: string): void {
  if (status !== "active") {
    throw invalid(
      `You cannot ${verb} a subscription schedule that is currently in the \`${status}\` status. It must be in \`not_started\`, \`active\` status to be ${verb}d.`,
    );
  }
}

/** The phase that follows the running period, or null. */
export function nextPhaseOf(
  sim: Simulation,
  subscription: StoredSubscription,
): Stripe.SubscriptionSchedule.Phase | null {
  const end = planItem(subscription).current_period_end;
  const phases = scheduleOf(sim, subscription)?.phases ?? [];
  return phases.find(({ start_date: start }) => start === end) ?? null;
}

/** The price that a subscription changes to at the end of its period, or null. */
export function plannedPriceOf(
  sim: Simulation,
  subscription: StoredSubscription,
): StoredPrice | null {
  const [item] = nextPhaseOf(sim, subscription)?.items ?? [];
  const planned = item === undefined ? undefined : sim.tables.prices.get(priceIdOf(item));
  return planned === undefined || planned.id === planItem(subscription).price.id ? null : planned;
}

export function priceIdOf({ price }: Stripe.SubscriptionSchedule.Phase.Item): string {
  return typeof price === "string" ? price : price.id;
}

/** Advances a schedule when a period ends: enters the next phase, or releases it after the last. */
export function advanceSchedule(
  sim: Simulation,
  subscription: StoredSubscription,
  periodEnd: number,
): void {
  const schedule = scheduleOf(sim, subscription);
  if (schedule === null) return;
  const phase = schedule.phases.find(
    ({ start_date: start, end_date: end }) => start <= periodEnd && end > periodEnd,
  );
  if (phase === undefined) {
    releaseSchedule(sim, schedule);
    return;
  }
  schedule.current_phase = { start_date: phase.start_date, end_date: phase.end_date };
  sim.emit("subscription_schedule.updated", schedule);
}

/** The running period as a phase. */
export function runningPhase(subscription: StoredSubscription): PlannedPhase {
  const { current_period_start: start, current_period_end: end } = planItem(subscription);
  const items = subscription.items.data.map(({ price, quantity = 1 }) => ({
    price: price.id,
    quantity,
  }));
  return { items, start, end };
}

/** The end of the one period at a price that begins at `start`. */
export function endOfPeriod(price: StoredPrice, start: number): number {
  return nextPeriodEnd(start, start, price);
}

function attachSchedule(
  sim: Simulation,
  subscription: StoredSubscription,
  phases: PlannedPhase[],
): StoredSchedule {
  const schedule = newSchedule(sim.nowSeconds(), subscription, phases);
  const [running] = schedule.phases;
  schedule.current_phase = running
    ? { start_date: running.start_date, end_date: running.end_date }
    : null;
  sim.tables.subscriptionSchedules.set(schedule.id, schedule);
  sim.emit("subscription_schedule.created", schedule);
  changeSubscription(sim, subscription, { schedule: schedule.id });
  return schedule;
}

function subscriptionOfSchedule({ tables }: Simulation, { subscription }: StoredSchedule) {
  return rowOf(tables.subscriptions, "subscription", subscription ?? "");
}
