import { invalid } from "../http/fault";
import type { Simulation } from "../simulation";
import type { StoredSubscription } from "../tables";
import { periodLine } from "./bill-subscription";
import { changeSubscription, inPeriod, planItem } from "./change-subscription";
import { invoiceNow } from "./switch-price";

const NOTICE_SECONDS = 3 * 86_400;

/** When Stripe announces the end of a trial: three days before. */
export function noticeAt({ trial_end: trialEnd }: StoredSubscription): number {
  return (trialEnd ?? 0) - NOTICE_SECONDS;
}

/** Whether the current end of the trial has not been announced. */
export function isNoticeDue(sim: Simulation, { id, status, trial_end }: StoredSubscription) {
  return status === "trialing" && sim.tables.announcedTrialEnds.get(id) !== trial_end;
}

export function announceTrialEnd(sim: Simulation, subscription: StoredSubscription): void {
  sim.tables.announcedTrialEnds.set(subscription.id, subscription.trial_end ?? 0);
  sim.emit("customer.subscription.trial_will_end", subscription);
}

/**
 * Moves the end of a running trial; `now` ends it and charges the first period at once
 * (https://docs.stripe.com/billing/subscriptions/trials).
 */
export function moveTrialEnd(
  sim: Simulation,
  subscription: StoredSubscription,
  to: number | "now",
): void {
  const now = sim.nowSeconds();
  if (subscription.status !== "trialing") {
    throw invalid("Starting a trial on a running subscription is not simulated.", "trial_end");
  }
  if (to !== "now" && to <= now) {
    throw invalid("The timestamp must be an integer in the future.", "trial_end");
  }
  const item = planItem(subscription);
  const moved =
    to === "now"
      ? inPeriod(item, { start: now, anchor: now })
      : { ...item, current_period_end: to };
  const end = to === "now" ? now : to;
  const period = { start: item.current_period_start, end: now };
  changeSubscription(sim, subscription, {
    items: { ...subscription.items, data: [moved, ...subscription.items.data.slice(1)] },
    billing_cycle_anchor: end,
    trial_end: end,
    ...(to === "now" && { status: "active" as const }),
  });
  if (to === "now") {
    announceTrialEnd(sim, subscription);
    invoiceNow(sim, subscription, [periodLine(sim, subscription, moved)], period);
  }
}
