import { nextPeriodEnd } from "../clock";
import { rowOf } from "../http/fault";
import { newSubscription } from "../objects/subscription";
import type { Simulation } from "../simulation";
import type { SessionOrder, StoredInvoice, StoredSession, StoredSubscription } from "../tables";
import { draftInvoice, periodLine } from "./bill-subscription";
import { changeSubscription, planItem } from "./change-subscription";
import { collectInvoice, finalizeInvoice } from "./collect-invoice";
import { announceTrialEnd, noticeAt } from "./trial";

interface Started {
  subscription: StoredSubscription;
  invoice: StoredInvoice;
  outcome: "paid" | "declined" | "processing";
}

/** Starts the subscription that a checkout session ordered and charges its first invoice. */
export function startSubscription(
  sim: Simulation,
  session: StoredSession,
  order: SessionOrder,
  method: "card" | "bank" | "declined card",
): Started {
  const subscription = createSubscription(sim, session, order);
  const now = sim.nowSeconds();
  const { isFree } = order;
  const isTrial = subscription.trial_end !== null;
  const invoice = draftInvoice(sim, subscription, {
    billingReason: "subscription_create",
    lines: [periodLine(sim, subscription, planItem(subscription), { isFree, isTrial })],
    period: { start: now, end: now },
    finalizesAt: now,
  });
  subscription.latest_invoice = invoice.id;
  sim.emit("customer.subscription.created", subscription);
  if (isTrial && noticeAt(subscription) <= now) {
    announceTrialEnd(sim, subscription);
  }
  sim.emit("invoice.created", invoice);
  finalizeInvoice(sim, invoice);
  const outcome = collectInvoice(sim, invoice, method);
  if (outcome === "processing") {
    // A pending debit counts as paid until it fails.
    changeSubscription(sim, subscription, { status: "active" });
  }
  return { subscription, invoice, outcome };
}

function createSubscription(
  sim: Simulation,
  session: StoredSession,
  { lineItems: [line], subscription: ordered }: SessionOrder,
): StoredSubscription {
  const now = sim.nowSeconds();
  const price = rowOf(sim.tables.prices, "price", line?.price?.id ?? "");
  const trialEnd = ordered.trialDays === null ? null : now + ordered.trialDays * 86_400;
  const subscription = newSubscription(now, {
    customer: session.customer ?? "",
    metadata: ordered.metadata,
    price,
    currency: line?.currency ?? price.currency,
    quantity: line?.quantity ?? 1,
    periodEnd: trialEnd ?? nextPeriodEnd(now, now, price),
    trialEnd,
  });
  sim.tables.subscriptions.set(subscription.id, subscription);
  return subscription;
}
