import type Stripe from "stripe";
import { z } from "zod";
import { invalid, missing, rowOf } from "../http/fault";
import { paging } from "../http/paginate";
import { flag, none, text } from "../http/params";
import { fits, listRoute, retrieveRoute, route } from "../http/route";
import {
  cancelAtPeriodEnd,
  changeSubscription,
  endSubscription,
  isOver,
  resumeSubscription,
} from "../rules/change-subscription";
import { releaseSchedule } from "../rules/switch-price";

const filters = z.strictObject({
  ...paging,
  customer: text.optional(),
  status: text.optional(),
});
const cancellation_details = z.strictObject({ comment: text.optional() }).optional();
/** An empty `pause_collection` ends the pause. */
const change = z
  .strictObject({
    cancel_at_period_end: flag,
    cancellation_details,
    pause_collection: z.literal("").or(z.strictObject({ behavior: z.enum(["void"]) })),
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
    (one, { customer, status }) =>
      fits(customer, one.customer) &&
      (status === undefined ? one.status !== "canceled" : ["all", one.status].includes(status)),
  ),
  route("POST", "/v1/subscriptions/:id", change, ({ sim, id, given }) => {
    const subscription = rowOf(sim.tables.subscriptions, "subscription", id);
    const { cancel_at_period_end: cancel, pause_collection: pause } = given;
    if (isOver(subscription)) {
      throw invalid(
        "A canceled subscription can only update its cancellation_details and metadata.",
      );
    }
    if (cancel !== undefined && subscription.schedule !== null) {
      const message = `The subscription is managed by the subscription schedule \`${subscription.schedule}\`, and updating any cancelation behavior directly is not allowed. Please update the schedule instead.`;
      throw invalid(message);
    }
    if (pause !== undefined) {
      const pause_collection = pause === "" ? null : { ...pause, resumes_at: null };
      changeSubscription(sim, subscription, { pause_collection });
    }
    if (cancel === true) {
      cancelAtPeriodEnd(sim, subscription, "api", given.cancellation_details?.comment);
    } else if (cancel === false) {
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
  // A scheduled switch is visible only as the id of its schedule, and the only action is to release it.
  route("POST", "/v1/subscription_schedules/:id/release", none, ({ sim, id }) => {
    const subscription = [...sim.tables.subscriptions.values()].find((one) => one.schedule === id);
    if (!subscription) {
      throw missing("subscription schedule", id);
    }
    releaseSchedule(sim, subscription);
    return {
      id,
      object: "subscription_schedule",
      released_subscription: subscription.id,
      status: "released",
      subscription: null,
    } satisfies Partial<Stripe.SubscriptionSchedule>;
  }),
];
