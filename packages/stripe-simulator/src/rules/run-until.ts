import type { Simulation } from "../simulation";
import type { StoredInvoice, StoredSubscription } from "../tables";
import { DRAFT_SECONDS, DRAFT_SECONDS_UNDELIVERED } from "./bill-subscription";
import { endSubscription, isOver, planItem } from "./change-subscription";
import { collectInvoice } from "./collect-invoice";
import { advanceInvoice, expireIncomplete, renewSubscription } from "./renew-subscription";
import { expireSession } from "./settle-session";
import { announceTrialEnd, isNoticeDue, noticeAt } from "./trial";

interface DueWork {
  /** Unix seconds on the simulated clock. */
  at: number;
  run: () => void;
}

/**
 * Runs everything that falls due until `untilMs`, in order of time. Before each step the clock moves
 * to its instant and `onMoved` notifies the app, so that a step's events meet an app with the same
 * time. After each step its first delivery attempts are awaited.
 */
export async function runUntil(
  sim: Simulation,
  untilMs: number,
  onMoved: () => Promise<void>,
): Promise<void> {
  for (;;) {
    const work = nextDue(sim);
    const atMs = work ? work.at * 1000 : Number.POSITIVE_INFINITY;
    if (sim.clock.moveTo(Math.min(atMs, untilMs))) {
      sim.changed();
      await onMoved();
    }
    if (!work || atMs > untilMs) {
      return;
    }
    work.run();
    await sim.deliveries.settle();
  }
}

function nextDue(sim: Simulation): DueWork | undefined {
  return [...upcoming(sim)].sort((one, other) => one.at - other.at)[0];
}

function* upcoming(sim: Simulation): Generator<DueWork> {
  for (const session of sim.tables.sessions.values()) {
    if (session.status === "open") {
      yield { at: session.expires_at, run: () => expireSession(sim, session) };
    }
  }
  for (const invoice of sim.tables.invoices.values()) {
    yield* invoiceWork(sim, invoice);
  }
  for (const subscription of sim.tables.subscriptions.values()) {
    yield* subscriptionWork(sim, subscription);
  }
}

function* invoiceWork(sim: Simulation, invoice: StoredInvoice): Generator<DueWork> {
  if (invoice.status === "draft" && invoice.auto_advance) {
    yield { at: finalizesAt(sim, invoice), run: () => advanceInvoice(sim, invoice) };
  }
  if (invoice.status === "open" && invoice.next_payment_attempt !== null) {
    yield { at: invoice.next_payment_attempt, run: () => void collectInvoice(sim, invoice) };
  }
}

/** An endpoint that fails on `invoice.created` delays finalization by up to 72 hours. */
function finalizesAt(sim: Simulation, invoice: StoredInvoice): number {
  const at = invoice.automatically_finalizes_at ?? invoice.created;
  const created = [...sim.tables.events.values()].findLast(
    ({ type, data }) =>
      type === "invoice.created" && "id" in data.object && data.object.id === invoice.id,
  );
  const failing = created !== undefined && sim.deliveries.isFailing(created.id);
  return failing ? at - DRAFT_SECONDS + DRAFT_SECONDS_UNDELIVERED : at;
}

function* subscriptionWork(sim: Simulation, subscription: StoredSubscription): Generator<DueWork> {
  if (isOver(subscription)) {
    return;
  }
  if (subscription.status === "incomplete") {
    const at = subscription.created + 23 * 3600;
    yield { at, run: () => expireIncomplete(sim, subscription) };
    return;
  }
  if (isNoticeDue(sim, subscription)) {
    yield { at: noticeAt(subscription), run: () => announceTrialEnd(sim, subscription) };
  }
  const periodEnd = planItem(subscription).current_period_end;
  if (subscription.cancel_at !== null && subscription.cancel_at <= periodEnd) {
    const run = () => endSubscription(sim, subscription, "cancellation_requested");
    yield { at: subscription.cancel_at, run };
    return;
  }
  yield { at: periodEnd, run: () => renewSubscription(sim, subscription) };
}
