import { invalid, missing, rowOf } from "../http/fault";
import type { Params } from "../http/params";
import type { Call } from "../http/route";
import { listRoute, matching, retrieveRoute, route } from "../http/route";
import {
  cancelAtPeriodEnd,
  changeSubscription,
  endSubscription,
  isOver,
  planItem,
  resumeSubscription,
} from "../rules/change-subscription";
import type { PriceSwitch } from "../rules/switch-price";
import { switchPrice } from "../rules/switch-price";
import type { Simulation } from "../simulation";
import type { StoredSubscription } from "../tables";

export const subscriptionRoutes = [
  retrieveRoute("/v1/subscriptions", "subscription", (sim) => sim.tables.subscriptions),
  listRoute("/v1/subscriptions", (sim) => sim.tables.subscriptions.values(), readFilters),
  route("POST", "/v1/subscriptions/:id", updateSubscription),
  route("DELETE", "/v1/subscriptions/:id", cancelSubscription),
];

function readFilters(params: Params): ((one: StoredSubscription) => boolean)[] {
  const status = params.string("status");
  return [
    matching<StoredSubscription, string>(params.string("customer"), (one) => one.customer),
    (one) => hasStatus(one, status),
  ];
}

/** Without a status Stripe leaves the cancelled out; `ended` are those that are over. */
function hasStatus(one: StoredSubscription, status: string | undefined): boolean {
  switch (status) {
    case undefined:
      return one.status !== "canceled";
    case "all":
      return true;
    case "ended":
      return isOver(one);
    default:
      return one.status === status;
  }
}

function updateSubscription({ sim, params, id }: Call) {
  const cancelling = readCancelling(params);
  const pause = readPause(params);
  const items = readItems(params);
  const proration =
    params.oneOf("proration_behavior", ["always_invoice", "create_prorations", "none"]) ??
    "create_prorations";
  return () => {
    const subscription = rowOf(sim.tables.subscriptions, "subscription", id);
    if (isOver(subscription)) {
      throw invalid(
        "A canceled subscription can only update its cancellation_details and metadata.",
      );
    }
    if (pause !== undefined) {
      changeSubscription(sim, subscription, { pause_collection: pause });
    }
    applyCancelling(sim, subscription, cancelling);
    changeItem(sim, subscription, items[0], proration);
    return subscription;
  };
}

interface WantedItem {
  id: string;
  price: string | undefined;
  quantity: number | undefined;
}

function changeItem(
  sim: Simulation,
  subscription: StoredSubscription,
  wanted: WantedItem | undefined,
  proration: PriceSwitch["proration"],
): void {
  if (!wanted) {
    return;
  }
  const item = planItem(subscription);
  if (wanted.id !== item.id) {
    throw missing("subscription item", wanted.id, "items[0][id]");
  }
  const price = rowOf(sim.tables.prices, "price", wanted.price ?? item.price.id, "items[0][price]");
  const quantity = wanted.quantity ?? item.quantity ?? 1;
  switchPrice(sim, subscription, { price, quantity, proration });
}

type Cancelling = { atPeriodEnd: boolean | undefined; at: string | null | undefined };

function readCancelling(params: Params): Cancelling {
  const atPeriodEnd = params.boolean("cancel_at_period_end");
  const at = params.clearable("cancel_at");
  if (atPeriodEnd !== undefined && at !== undefined) {
    throw invalid("You may only specify one of these parameters: cancel_at, cancel_at_period_end.");
  }
  if (at && !/^\d+$/.test(at) && at !== "min_period_end" && at !== "max_period_end") {
    throw invalid(`Invalid cancel_at: ${at}`, "cancel_at");
  }
  return { atPeriodEnd, at };
}

function applyCancelling(
  sim: Simulation,
  subscription: StoredSubscription,
  { atPeriodEnd, at }: Cancelling,
): void {
  if (subscription.schedule !== null && (atPeriodEnd !== undefined || at !== undefined)) {
    const message = `The subscription is managed by the subscription schedule \`${subscription.schedule}\`, and updating any cancelation behavior directly is not allowed. Please update the schedule instead.`;
    throw invalid(message);
  }
  if (atPeriodEnd) {
    cancelAtPeriodEnd(sim, subscription, "api");
  } else if (at) {
    const asked = Number(at);
    const date = Number.isNaN(asked) ? planItem(subscription).current_period_end : asked;
    changeSubscription(sim, subscription, { cancel_at: date, canceled_at: sim.nowSeconds() });
  } else if (atPeriodEnd === false || at === null) {
    resumeSubscription(sim, subscription);
  }
}

function readPause(params: Params): StoredSubscription["pause_collection"] | undefined {
  if (params.has("pause_collection") && !params.isGroup("pause_collection")) {
    params.clearable("pause_collection");
    return null;
  }
  const group = params.child("pause_collection");
  const behaviors = ["keep_as_draft", "mark_uncollectible", "void"] as const;
  const behavior = group?.oneOf("behavior", behaviors);
  const resumesAt = group?.integer("resumes_at");
  return behavior && { behavior, resumes_at: resumesAt ?? null };
}

function readItems(params: Params): WantedItem[] {
  const items = params.list("items").map((item) => ({
    // Without an id Stripe would add a second item, not change the first.
    id: item.required("id"),
    price: item.string("price"),
    quantity: item.integer("quantity"),
  }));
  if (items.length > 1) {
    throw invalid("The simulator's subscriptions have one item.", "items");
  }
  return items;
}

function cancelSubscription({ sim, params, id }: Call) {
  if (params.boolean("prorate")) {
    throw invalid("prorate is not simulated.", "prorate");
  }
  return () => {
    const subscription = rowOf(sim.tables.subscriptions, "subscription", id);
    if (isOver(subscription)) {
      throw missing("subscription", id);
    }
    endSubscription(sim, subscription, "cancellation_requested");
    return subscription;
  };
}
