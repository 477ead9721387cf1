import { z } from "zod";
import { invalid, missing, rowOf } from "../http/fault";
import { paging } from "../http/paginate";
import { flag, listOf, metadata, text, whole } from "../http/params";
import { fits, listRoute, mergeMetadata, retrieveRoute, route } from "../http/route";
import {
  cancelAtPeriodEnd,
  changeSubscription,
  endSubscription,
  isOver,
  planItem,
  resumeSubscription,
} from "../rules/change-subscription";
import { type PriceSwitch, switchPrice } from "../rules/switch-price";
import { moveTrialEnd } from "../rules/trial";
import type { Simulation } from "../simulation";
import type { StoredSubscription } from "../tables";

const filters = z.strictObject({
  ...paging,
  customer: text.optional(),
  status: text.optional(),
  price: text.optional(),
});
const cancellation_details = z.strictObject({ comment: text.optional() }).optional();
const proration_behavior = z.enum(["always_invoice", "create_prorations", "none"]);
const item = z.strictObject({ id: text, price: text, quantity: whole.optional() });
/** An empty `pause_collection` ends the pause. */
const change = z
  .strictObject({
    /** Only empty, which clears the end. */
    cancel_at: z.literal(""),
    cancel_at_period_end: flag,
    cancellation_details,
    items: listOf(item),
    metadata,
    proration_behavior,
    pause_collection: z.literal("").or(z.strictObject({ behavior: z.enum(["void"]) })),
    trial_end: z.literal("now").or(whole),
  })
  .partial();
const cancellation = z.strictObject({
  cancellation_details,
  prorate: z.enum(["false"]).optional(),
});

export const subscriptionRoutes = [
  retrieveRoute("/v1/subscriptions", "subscription", (sim) => sim.tables.subscriptions),
  listRoute(
    "/v1/subscriptions",
    (sim) => sim.tables.subscriptions.values(),
    filters,
    // Without a status filter Stripe omits cancelled subscriptions.
    (one, { customer, status, price }) =>
      fits(customer, one.customer) &&
      (price === undefined || one.items.data.some((item) => item.price.id === price)) &&
      (status === undefined ? one.status !== "canceled" : ["all", one.status].includes(status)),
  ),
  route("POST", "/v1/subscriptions/:id", change, ({ sim, id, given }) => {
    const subscription = rowOf(sim.tables.subscriptions, "subscription", id);
    const { cancel_at_period_end: cancel, pause_collection: pause } = given;
    const clearsEnd = given.cancel_at !== undefined;
    if (clearsEnd && cancel !== undefined) {
      throw invalid(
        "You may only specify one of these parameters: cancel_at, cancel_at_period_end.",
      );
    }
    if (isOver(subscription)) {
      throw invalid(
        "A canceled subscription can only update its cancellation_details and metadata.",
      );
    }
    if ((clearsEnd || cancel !== undefined) && subscription.schedule !== null) {
      const message = `The subscription is managed by the subscription schedule \`${subscription.schedule}\`, and updating any cancelation behavior directly is not allowed. Please update the schedule instead.`;
      throw invalid(message);
    }
    if (given.items !== undefined) {
      changeItem(sim, subscription, { ...given, items: given.items });
    }
    if (pause !== undefined) {
      const pause_collection = pause === "" ? null : { ...pause, resumes_at: null };
      changeSubscription(sim, subscription, { pause_collection });
    }
    if (given.metadata !== undefined) {
      const changed = mergeMetadata(subscription.metadata, given.metadata);
      changeSubscription(sim, subscription, { metadata: changed });
    }
    if (given.trial_end !== undefined) {
      moveTrialEnd(sim, subscription, given.trial_end);
    }
    if (cancel === true) {
      cancelAtPeriodEnd(sim, subscription, "api", given.cancellation_details?.comment);
    } else if (cancel === false || clearsEnd) {
      resumeSubscription(sim, subscription);
    }
    return subscription;
  }),
  route("DELETE", "/v1/subscriptions/:id", cancellation, ({ sim, id, given }) => {
    const subscription = rowOf(sim.tables.subscriptions, "subscription", id);
    if (isOver(subscription)) {
      throw missing("subscription", id);
    }
    const { comment } = given.cancellation_details ?? {};
    endSubscription(sim, subscription, "cancellation_requested", comment);
    return subscription;
  }),
];

/** Changes the price or quantity of the item that carries the plan. */
function changeItem(
  sim: Simulation,
  subscription: StoredSubscription,
  { items, proration_behavior: proration = "create_prorations" }: ItemChange,
): void {
  const [wanted] = items;
  const current = planItem(subscription);
  if (wanted === undefined || items.length > 1 || wanted.id !== current.id) {
    throw missing("subscription item", wanted?.id ?? "", "items[0][id]");
  }
  const price = rowOf(sim.tables.prices, "price", wanted.price, "items[0][price]");
  if (!price.active) {
    const message = "The price specified is inactive. This field only accepts active prices.";
    throw invalid(message, "items[0][price]");
  }
  // Another price resets the quantity (https://docs.stripe.com/billing/subscriptions/change-price).
  const isSame = price.id === current.price.id;
  const quantity = wanted.quantity ?? (isSame ? current.quantity : 1) ?? 1;
  switchPrice(sim, subscription, { price, quantity, proration, keepsTrial: true });
}

interface ItemChange {
  items: z.output<typeof item>[];
  proration_behavior?: PriceSwitch["proration"] | undefined;
}
