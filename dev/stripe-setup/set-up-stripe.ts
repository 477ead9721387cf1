import type Stripe from "stripe";
import { lookupKeyOf } from "@/billing/prices/prices";
import { ITEMS } from "@/catalog/items";
import { setUpPortal } from "./set-up-portal";
import { type Change, planPrices, productOf } from "./set-up-prices";
import { setUpWebhook } from "./set-up-webhook";

/**
 * Prepares a Stripe account for QiFlow: products, prices, the portal's configuration and the webhook
 * endpoint. Prints the differences between the catalogue and Stripe first, and stops there in a dry
 * run. Safe to repeat: whatever already fits stays unchanged. Returns the lines to put into the
 * environment.
 */
export async function setUpStripe(
  stripe: Stripe,
  options: { appUrl: string; dryRun?: boolean; print?: (line: string) => void },
): Promise<string[]> {
  const { appUrl, dryRun = false, print = () => {} } = options;
  const changes = await planPrices(stripe);
  for (const { text } of changes) print(text);
  if (changes.length === 0) print("Products and prices match the catalogue.");
  if (dryRun) return [];
  await applyCatalog(stripe, { appUrl, changes });
  const webhook = await setUpWebhook(stripe, { appUrl });
  return [
    webhook.secret === null
      ? `# STRIPE_WEBHOOK_SECRET: ${webhook.id} already exists; its secret is in Stripe's dashboard.`
      : `STRIPE_WEBHOOK_SECRET=${webhook.secret}`,
    ...webhook.outgoing.map(
      ({ id, apiVersion }) =>
        `# ${id} (API version ${apiVersion}) still delivers to what runs now. Deploy the secret above, then run this again: it is disabled then.`,
    ),
  ];
}

/** Applies changes to products and prices, and lets the portal switch between the current plans. */
export async function applyCatalog(
  stripe: Stripe,
  { appUrl, changes }: { appUrl: string; changes: readonly Change[] },
): Promise<void> {
  for (const { apply } of changes) await apply();
  await setUpPortal(stripe, { appUrl, products: await switchableProducts(stripe) });
}

/** The current prices of the subscription plans, by product. */
async function switchableProducts(
  stripe: Stripe,
): Promise<{ product: string; prices: string[] }[]> {
  const products = new Map<string, string[]>();
  for (const item of ITEMS.filter(({ kind }) => kind === "subscription")) {
    const { data } = await stripe.prices.list({ lookup_keys: [lookupKeyOf(item)], active: true });
    const { id } = productOf(item);
    products.set(id, [...(products.get(id) ?? []), ...data.map((price) => price.id)]);
  }
  return [...products].map(([product, prices]) => ({ product, prices }));
}
