import type Stripe from "stripe";
import { SETUP_MARK } from "@/billing/open-portal";
import { HANDLED_EVENT_TYPES } from "@/billing/process-event";
import { STRIPE_API_VERSION } from "@/integrations/create-stripe";

export interface SetUpWebhook {
  readonly id: string;
  /** Stripe tells it once, when the endpoint is made; null for one that stood already. */
  readonly secret: string | null;
}

/**
 * Makes the webhook endpoint at the pinned API version, or brings the events of the one that stands
 * up to date. An endpoint's version can't be changed: one of another version is replaced.
 */
export async function setUpWebhook(
  stripe: Stripe,
  { appUrl }: { appUrl: string },
): Promise<SetUpWebhook> {
  const url = `${appUrl}/api/webhooks/stripe`;
  const enabled_events = [...HANDLED_EVENT_TYPES];
  const all = await stripe.webhookEndpoints.list({ limit: 100 }).autoPagingToArray({ limit: 1000 });
  const ours = all.find((endpoint) => endpoint.url === url);
  if (ours !== undefined && ours.api_version === STRIPE_API_VERSION) {
    await stripe.webhookEndpoints.update(ours.id, { enabled_events, disabled: false });
    return { id: ours.id, secret: null };
  }
  const made = await stripe.webhookEndpoints.create({
    url,
    enabled_events,
    api_version: STRIPE_API_VERSION,
    description: "QiFlow",
    metadata: SETUP_MARK,
  });
  if (ours !== undefined) await stripe.webhookEndpoints.del(ours.id);
  return { id: made.id, secret: made.secret ?? null };
}
