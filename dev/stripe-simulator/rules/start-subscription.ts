import { nextPeriodEnd } from "../clock";
import { rowOf } from "../http/fault";
import { newDiscount } from "../objects/coupon";
import { newSubscription } from "../objects/subscription";
import type { Simulation } from "../simulation";
import type {
  SessionOrder,
  StoredInvoice,
  StoredPrice,
  StoredSession,
  StoredSubscription,
} from "../tables";
import { draftInvoice, periodLine } from "./bill-subscription";
import { changeSubscription } from "./change-subscription";
import { collectInvoice, finalizeInvoice } from "./collect-invoice";

export interface Started {
  subscription: StoredSubscription;
  invoice: StoredInvoice;
  outcome: "paid" | "declined" | "processing";
}

/** Begins what a checkout session in subscription mode ordered, and charges its first invoice. */
export function startSubscription(
  sim: Simulation,
  session: StoredSession,
  order: SessionOrder,
  method: "card" | "bank" | "declined card",
): Started {
  const subscription = createSubscription(sim, session, order);
  const invoice = draftFirstInvoice(sim, subscription, order);
  subscription.latest_invoice = invoice.id;
  sim.emit("customer.subscription.created", subscription);
  sim.emit("invoice.created", invoice);
  finalizeInvoice(sim, invoice);
  const outcome = collectInvoice(sim, invoice, method);
  if (outcome === "processing") {
    // A debit on its way counts as good until it fails.
    changeSubscription(sim, subscription, { status: "active" });
  }
  return { subscription, invoice, outcome };
}

function createSubscription(
  sim: Simulation,
  session: StoredSession,
  order: SessionOrder,
): StoredSubscription {
  const now = sim.nowSeconds();
  const prices = order.lineItems.map((line) => ({
    price: rowOf(sim.tables.prices, "price", line.price?.id ?? ""),
    quantity: line.quantity ?? 1,
  }));
  const { trialDays, metadata } = order.subscription;
  const trialEnd = trialDays === null ? null : now + trialDays * 86_400;
  const subscription = newSubscription(now, {
    customer: session.customer ?? "",
    currency: session.currency ?? "usd",
    metadata,
    prices,
    periodEnd: trialEnd ?? firstPeriodEnd(now, prices),
    trialEnd,
  });
  sim.tables.subscriptions.set(subscription.id, subscription);
  return subscription;
}

function firstPeriodEnd(now: number, prices: { price: StoredPrice }[]): number {
  const recurring = prices[0]?.price.recurring ?? { interval: "month", interval_count: 1 };
  return nextPeriodEnd(now, now, recurring);
}

function draftFirstInvoice(
  sim: Simulation,
  subscription: StoredSubscription,
  order: SessionOrder,
): StoredInvoice {
  const now = sim.nowSeconds();
  const discountIds = redeem(sim, subscription, order);
  const trial = subscription.trial_end !== null;
  const lines = subscription.items.data.map((item) =>
    periodLine(sim, subscription, item, { discountIds: trial ? [] : discountIds, trial }),
  );
  return draftInvoice(sim, subscription, {
    billingReason: "subscription_create",
    lines,
    period: { start: now, end: now },
    finalizesAt: now,
  });
}

/** Turns the order's coupon into a discount; one that applies more than once stays on. */
function redeem(sim: Simulation, subscription: StoredSubscription, order: SessionOrder): string[] {
  if (order.couponId === null) {
    return [];
  }
  const coupon = rowOf(sim.tables.coupons, "coupon", order.couponId);
  const now = sim.nowSeconds();
  const months = { interval: "month", interval_count: coupon.duration_in_months ?? 1 };
  const discount = newDiscount(now, {
    customer: subscription.customer,
    subscription: subscription.id,
    checkout_session: null,
    end: coupon.duration === "repeating" ? nextPeriodEnd(now, now, months) : null,
    couponId: coupon.id,
  });
  sim.tables.discounts.set(discount.id, discount);
  if (coupon.duration !== "once") {
    subscription.discounts = [discount.id];
  }
  return [discount.id];
}
