import type Stripe from "stripe";
import type { Params } from "../http/params";
import { noFeatures } from "../objects/portal";

type Features = Stripe.BillingPortal.Configuration.Features;
type Change = (features: Features) => void;

/**
 * Reads `features`: the answer lays what was given over what there was. Features nobody names keep
 * their state; fields nobody names keep theirs.
 */
export function readFeatures(params: Params): ((current: Features | null) => Features) | undefined {
  const group = params.child("features");
  if (!group) {
    return undefined;
  }
  const changes = [
    readCustomerUpdate(group.child("customer_update")),
    readSwitch(group.child("invoice_history"), (features) => features.invoice_history),
    readSwitch(group.child("payment_method_update"), (features) => features.payment_method_update),
    readCancel(group.child("subscription_cancel")),
    readUpdate(group.child("subscription_update")),
  ];
  return (current) => {
    const features = structuredClone(current ?? noFeatures());
    for (const change of changes) {
      change(features);
    }
    return features;
  };
}

function readSwitch(
  group: Params | undefined,
  of: (features: Features) => { enabled: boolean },
): Change {
  const enabled = group?.boolean("enabled");
  return (features) => {
    of(features).enabled = enabled ?? of(features).enabled;
  };
}

function readCustomerUpdate(group: Params | undefined): Change {
  const enabled = group?.boolean("enabled");
  const allowed = group?.has("allowed_updates") ? group.strings("allowed_updates") : undefined;
  return ({ customer_update: feature }) => {
    feature.enabled = enabled ?? feature.enabled;
    feature.allowed_updates = allowed ?? feature.allowed_updates;
  };
}

function readCancel(group: Params | undefined): Change {
  const enabled = group?.boolean("enabled");
  const mode = group?.oneOf("mode", ["at_period_end", "immediately"]);
  return ({ subscription_cancel: feature }) => {
    feature.enabled = enabled ?? feature.enabled;
    feature.mode = mode ?? feature.mode;
  };
}

function readUpdate(group: Params | undefined): Change {
  const enabled = group?.boolean("enabled");
  const proration = group?.oneOf("proration_behavior", prorations);
  const updates = group?.has("default_allowed_updates")
    ? group.strings("default_allowed_updates")
    : undefined;
  const products = group?.has("products") ? group.list("products").map(readProduct) : undefined;
  const schedule = group?.child("schedule_at_period_end");
  const conditions = schedule
    ?.list("conditions")
    .map((one) => ({ type: one.oneOf("type", conditionTypes) ?? "shortening_interval" }));
  return ({ subscription_update: feature }) => {
    feature.enabled = enabled ?? feature.enabled;
    feature.proration_behavior = proration ?? feature.proration_behavior;
    feature.default_allowed_updates = updates ?? feature.default_allowed_updates;
    feature.products = products ?? feature.products ?? [];
    if (schedule) {
      feature.schedule_at_period_end = { conditions: conditions ?? [] };
    }
  };
}

function readProduct(group: Params) {
  return {
    adjustable_quantity: { enabled: false, maximum: null, minimum: 1 },
    product: group.required("product"),
    prices: group.strings("prices"),
  };
}

const prorations = ["always_invoice", "create_prorations", "none"] as const;
const conditionTypes = ["shortening_interval"] as const;
