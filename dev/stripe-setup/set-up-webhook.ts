import type Stripe from "stripe";
import { HANDLED_EVENT_TYPES } from "@/billing/inbox/process-event";
import { OUR_MARK } from "@/billing/prices/prices";
import { STRIPE_API_VERSION } from "@/integrations/create-stripe";

export interface SetUpWebhook {
  readonly id: string;
  /** Stripe shows it once, on creation; null for an existing endpoint. */
  readonly secret: string | null;
  /** Endpoints at other API versions that still deliver to the same address. */
  readonly outgoing: readonly { readonly id: string; readonly apiVersion: string }[];
}

/**
 * Creates the webhook endpoint at the pinned API version, or updates the events of an existing one.
 * An endpoint's version cannot be changed, so one at another version is replaced in two runs: the
 * first adds the new endpoint while the old one keeps delivering to the running application; the
 * next, after the new secret is deployed, disables the old one.
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
    metadata: OUR_MARK,
  });
  const outgoing = others.map(({ id, api_version }) => ({
    id,
    apiVersion: api_version ?? "the account's",
  }));
  return { id: made.id, secret: made.secret ?? null, outgoing };
}
