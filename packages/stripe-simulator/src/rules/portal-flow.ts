import type Stripe from "stripe";
import { invalid, missing, rowOf } from "../http/fault";
import { amountsOf } from "../objects/product";
import type { Simulation } from "../simulation";
import type { StoredPrice, StoredSubscription } from "../tables";
import { cancelAtPeriodEnd, isOver, planItem } from "./change-subscription";
import { plannedPriceOf, planSwitch, releaseScheduleOf } from "./schedule-phases";
import { switchPrice } from "./switch-price";

export type PortalFeatures = Stripe.BillingPortal.Configuration["features"];

/** The flow of a portal session: the one thing that its page does. */
export type PortalFlow = Stripe.BillingPortal.Session.Flow;

interface Owner {
  readonly customer: string;
  readonly features: PortalFeatures;
}

/** Refuses a flow that the configuration or the subscription does not allow. */
export function checkFlow(sim: Simulation, flow: PortalFlow, { customer, features }: Owner): void {
  if (flow.type === "payment_method_update" && !features.payment_method_update.enabled) {
    throw disabled("payment_method_update", "payment method update");
  }
  const { subscription_cancel: cancel, subscription_update_confirm: update } = flow;
  if (cancel) {
    if (!features.subscription_cancel.enabled) {
      throw disabled("subscription_cancel", "subscription cancellation");
    }
    const subscription = ownSubscription(sim, customer, "subscription_cancel", cancel.subscription);
    if (subscription.cancel_at !== null) {
      const message = `The subscription \`${subscription.id}\` is already set to be canceled.`;
      throw invalid(message, "flow_data[subscription_cancel][subscription]");
    }
  }
  if (update) checkUpdate(sim, update, { customer, features });
}

function checkUpdate(
  sim: Simulation,
  { subscription: id, items }: Stripe.BillingPortal.Session.Flow.SubscriptionUpdateConfirm,
  { customer, features }: Owner,
): void {
  const type = "subscription_update_confirm";
  const { enabled, products } = features.subscription_update;
  if (!enabled) throw disabled(type, "subscription update");
  const subscription = ownSubscription(sim, customer, type, id);
  const param = `flow_data[${type}][items]`;
  const [wanted] = items;
  if (items.length !== 1 || wanted === undefined || subscription.items.data.length !== 1) {
    throw invalid("Subscriptions with multiple items cannot be updated in the portal.", param);
  }
  const given = { id: wanted.id ?? "", price: wanted.price ?? "" };
  const price = switchTarget(sim, subscription, given, `${param}[0]`);
  if (!(products ?? []).some(({ prices }) => prices.includes(price.id))) {
    const message = `The price \`${price.id}\` must be included in the configuration's \`features[subscription_update][products]\`.`;
    throw invalid(message, `${param}[0][price]`);
  }
  if (price.id === planItem(subscription).price.id) {
    throw invalid("There are no changes to confirm for this subscription.", param);
  }
  if (subscription.cancel_at !== null || plannedPriceOf(sim, subscription) !== null) {
    const message = `The subscription \`${id}\` cannot be updated because it has a scheduled change.`;
    throw invalid(message, `flow_data[${type}][subscription]`);
  }
}

/** The price that an item of a subscription is to change to. Refuses one without its currency. */
export function switchTarget(
  sim: Simulation,
  subscription: StoredSubscription,
  wanted: { readonly id: string; readonly price: string },
  param: string,
): StoredPrice {
  if (wanted.id !== planItem(subscription).id) {
    throw missing("subscription item", wanted.id, `${param}[id]`);
  }
  const price = rowOf(sim.tables.prices, "price", wanted.price, `${param}[price]`);
  if (!price.active) {
    const message = "The price specified is inactive. This field only accepts active prices.";
    throw invalid(message, `${param}[price]`);
  }
  if (!(subscription.currency in amountsOf(sim.tables, price))) {
    const message = `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${subscription.currency}\`.`;
    throw invalid(message, `${param}[price]`);
  }
  return price;
}

/** Sets the end of the subscription, as the portal's button does. */
export function cancelInPortal(sim: Simulation, subscription: StoredSubscription): void {
  releaseScheduleOf(sim, subscription);
  cancelAtPeriodEnd(sim, subscription, "portal");
}

/** Switches now, or at the end of the period if the configuration says so. */
export function switchInPortal(
  sim: Simulation,
  subscription: StoredSubscription,
  { price, features }: { price: StoredPrice; features: PortalFeatures },
): void {
  if (takesEffectLater(subscription, price, features)) {
    planSwitch(sim, subscription, price);
    return;
  }
  const quantity = planItem(subscription).quantity ?? 1;
  switchPrice(sim, subscription, { price, quantity, proration: "always_invoice" });
}

/** Whether the switch waits for the end of the period, by the conditions of the portal. */
export function takesEffectLater(
  subscription: StoredSubscription,
  price: StoredPrice,
  { subscription_update: { schedule_at_period_end: scheduled } }: PortalFeatures,
): boolean {
  const current = planItem(subscription).price;
  const decreases = (price.unit_amount ?? 0) < (current.unit_amount ?? 0);
  const shortens = current.recurring?.interval === "year" && price.recurring?.interval === "month";
  const types = scheduled.conditions.map(({ type }) => type);
  return (
    (decreases && types.includes("decreasing_item_amount")) ||
    (shortens && types.includes("shortening_interval"))
  );
}

/** The new card is the default one, and past declines of the old one are forgotten. */
export function changeCard(sim: Simulation, customer: string): void {
  const { plannedDeclines, subscriptions } = sim.tables;
  plannedDeclines.delete(customer);
  for (const { id, customer: owner } of subscriptions.values()) {
    if (owner === customer) plannedDeclines.delete(id);
  }
}

function ownSubscription(
  sim: Simulation,
  customer: string,
  type: string,
  id: string,
): StoredSubscription {
  const param = `flow_data[${type}][subscription]`;
  const subscription = rowOf(sim.tables.subscriptions, "subscription", id, param);
  if (subscription.customer !== customer) {
    throw invalid(`The subscription \`${id}\` does not belong to customer \`${customer}\`.`, param);
  }
  if (isOver(subscription)) {
    throw invalid(`The subscription \`${id}\` is canceled and cannot be updated.`, param);
  }
  return subscription;
}

function disabled(type: string, feature: string) {
  const message = `This flow cannot be used because the ${feature} feature in the portal configuration is disabled.`;
  return invalid(message, `flow_data[type]=${type}`);
}
