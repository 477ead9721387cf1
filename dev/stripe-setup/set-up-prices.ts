import Stripe from "stripe";
import { SETUP_MARK } from "@/billing/checkout/open-portal";
import { type PriceToSell, pricesToSell } from "./catalogue";

export interface SetUpPrice extends PriceToSell {
  readonly priceId: string;
  /** Prices of this item that are no longer sold. */
  readonly retiredIds: readonly string[];
}

/**
 * Creates missing products and prices. A price whose amount differs from the catalogue's is
 * replaced: the new price takes its lookup key, the old one is deactivated and listed as retired.
 * Existing subscribers keep paying the old price.
 */
export async function setUpPrices(stripe: Stripe): Promise<SetUpPrice[]> {
  const done: SetUpPrice[] = [];
  for (const wanted of pricesToSell()) {
    await ensureProduct(stripe, wanted);
    const priceId = await ensurePrice(stripe, wanted);
    done.push({ ...wanted, priceId, retiredIds: await retireOthers(stripe, wanted, priceId) });
  }
  return done;
}

async function ensureProduct(stripe: Stripe, wanted: PriceToSell): Promise<void> {
  const { productId: id, productName: name } = wanted;
  try {
    const product = await stripe.products.retrieve(id);
    if (!product.active || product.name !== name) {
      await stripe.products.update(id, { active: true, name });
    }
  } catch (error) {
    const isMissing =
      error instanceof Stripe.errors.StripeError && error.code === "resource_missing";
    if (!isMissing) throw error;
    await stripe.products.create({ id, name, metadata: SETUP_MARK });
  }
}

async function ensurePrice(stripe: Stripe, wanted: PriceToSell): Promise<string> {
  const found = await stripe.prices.list({ lookup_keys: [wanted.lookupKey], active: true });
  const price = found.data[0];
  if (price !== undefined && isSame(price, wanted)) return price.id;
  const made = await stripe.prices.create({
    product: wanted.productId,
    unit_amount: wanted.amount,
    currency: wanted.currency,
    lookup_key: wanted.lookupKey,
    transfer_lookup_key: true,
    metadata: { ...SETUP_MARK, item: wanted.item },
    ...(wanted.interval === null ? {} : { recurring: { interval: wanted.interval } }),
  });
  return made.id;
}

function isSame(price: Stripe.Price, wanted: PriceToSell): boolean {
  return (
    price.unit_amount === wanted.amount &&
    price.currency === wanted.currency &&
    (price.recurring?.interval ?? null) === wanted.interval
  );
}

async function retireOthers(
  stripe: Stripe,
  wanted: PriceToSell,
  current: string,
): Promise<string[]> {
  const all = await stripe.prices
    .list({ product: wanted.productId, limit: 100 })
    .autoPagingToArray({ limit: 1000 });
  const others = all.filter(({ id, metadata }) => id !== current && metadata.item === wanted.item);
  for (const { id, active } of others) {
    if (active) await stripe.prices.update(id, { active: false });
  }
  return others.map(({ id }) => id);
}
