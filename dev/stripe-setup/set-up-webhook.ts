import type Stripe from "stripe";
import { SETUP_MARK } from "@/billing/checkout/open-portal";
import { HANDLED_EVENT_TYPES } from "@/billing/inbox/process-event";
import { STRIPE_API_VERSION } from "@/integrations/create-stripe";

export interface SetUpWebhook {
  readonly id: string;
  /** Stripe tells it once, when the endpoint is made; null for one that stood already. */
  readonly secret: string | null;
  /** Endpoints of other API versions that still deliver to the same address. */
  readonly outgoing: readonly { readonly id: string; readonly apiVersion: string }[];
}

/**
 * Makes the webhook endpoint at the pinned API version, or brings the events of the one that stands
 * up to date. An endpoint's version can't be changed: one of another version is replaced, in two
 * steps. It goes on delivering to the application that runs until the new one's secret is deployed;
 * the next run, which finds the new one, disables it.
 */
export async function setUpWebhook(
  stripe: Stripe,
  { appUrl }: { appUrl: string },
): Promise<SetUpWebhook> {
  const url = `${appUrl}/api/webhooks/stripe`;
  const enabled_events = [...HANDLED_EVENT_TYPES];
  const all = await stripe.webhookEndpoints.list({ limit: 100 }).autoPagingToArray({ limit: 1000 });
  const here = all.filter((endpoint) => endpoint.url === url);
  const ours = here.find(({ api_version }) => api_version === STRIPE_API_VERSION);
  const others = here.filter(({ id, status }) => id !== ours?.id && status === "enabled");
  if (ours !== undefined) {
    await stripe.webhookEndpoints.update(ours.id, { enabled_events, disabled: false });
    for (const { id } of others) await stripe.webhookEndpoints.update(id, { disabled: true });
    return { id: ours.id, secret: null, outgoing: [] };
  }
  const made = await stripe.webhookEndpoints.create({
    url,
    enabled_events,
    api_version: STRIPE_API_VERSION,
    description: "QiFlow",
    metadata: SETUP_MARK,
  });
  const outgoing = others.map(({ id, api_version }) => ({
    id,
    apiVersion: api_version ?? "the account's",
  }));
  return { id: made.id, secret: made.secret ?? null, outgoing };
}
