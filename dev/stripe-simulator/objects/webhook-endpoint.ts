import type Stripe from "stripe";
import { newId } from "../ids";

interface Given {
  url: string;
  enabled_events: string[];
  description?: string | undefined;
  api_version?: string | undefined;
  metadata?: Stripe.Metadata | undefined;
}

export function newWebhookEndpoint(
  created: number,
  given: Given,
  id = newId("we"),
): Stripe.WebhookEndpoint {
  return {
    id,
    object: "webhook_endpoint",
    api_version: given.api_version ?? null,
    application: null,
    created,
    description: given.description ?? null,
    enabled_events: given.enabled_events,
    livemode: false,
    metadata: given.metadata ?? {},
    status: "enabled",
    url: given.url,
  };
}
