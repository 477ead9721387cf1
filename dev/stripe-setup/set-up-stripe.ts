import type Stripe from "stripe";
import { setUpPortal } from "./set-up-portal";
import { setUpPrices } from "./set-up-prices";
import { setUpWebhook } from "./set-up-webhook";

/**
 * Prepares a Stripe account for QiFlow: products, prices, the portal's configuration and the webhook
 * endpoint. Safe to repeat: whatever already fits stays unchanged. Returns the lines to put into the
 * environment.
 */
export async function setUpStripe(
  stripe: Stripe,
  { appUrl }: { appUrl: string },
): Promise<string[]> {
  const prices = await setUpPrices(stripe);
  const subscriptions = prices.filter(({ interval }) => interval !== null);
  await setUpPortal(stripe, {
    appUrl,
    product: subscriptions[0]?.productId ?? "",
    prices: subscriptions.map(({ priceId }) => priceId),
  });
  const webhook = await setUpWebhook(stripe, { appUrl });
  const retired = prices.flatMap(({ item, retiredIds }) => retiredIds.map((id) => `${id}=${item}`));
  return [
    ...prices.map(({ variable, priceId }) => `${variable}=${priceId}`),
    `STRIPE_RETIRED_PRICES=${retired.join(",")}`,
    webhook.secret === null
      ? `# STRIPE_WEBHOOK_SECRET: ${webhook.id} stood already; Stripe's dashboard shows its secret.`
      : `STRIPE_WEBHOOK_SECRET=${webhook.secret}`,
    ...webhook.outgoing.map(
      ({ id, apiVersion }) =>
        `# ${id} (API version ${apiVersion}) still delivers to what runs now. Deploy the secret above, then run this again: it is disabled then.`,
    ),
  ];
}
