import type Stripe from "stripe";
import { newId } from "../ids";

export function newWebhookEndpoint(created: number, url: string): Stripe.WebhookEndpoint {
  return {
    id: newId("we"),
    object: "webhook_endpoint",
    api_version: null,
    application: null,
    created,
    description: null,
    enabled_events: ["*"],
    livemode: false,
    metadata: {},
    status: "enabled",
    url,
  };
}
