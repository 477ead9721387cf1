import type Stripe from "stripe";
import { newId } from "../ids";

export function newWebhookEndpoint(
  created: number,
  given: {
    id?: string;
    url: string;
    enabledEvents: string[];
    description: string | null;
    apiVersion: string | null;
    metadata: Stripe.Metadata;
  },
): Stripe.WebhookEndpoint {
  return {
    id: given.id ?? newId("we"),
    object: "webhook_endpoint",
    api_version: given.apiVersion,
    application: null,
    created,
    description: given.description,
    enabled_events: given.enabledEvents,
    livemode: false,
    metadata: given.metadata,
    status: "enabled",
    url: given.url,
  };
}
