import type Stripe from "stripe";
import { enqueueAlert } from "@/alerts/alert";
import { ITEMS, type Item } from "@/catalog/items";
import { logger } from "@/lib/logger";
import { dayName } from "@/lib/utc-period";
import type { BillingDeps } from "../deps";
import { amountsOf, lookupKeyOf } from "../prices/prices";
import { termsDigest } from "../prices/terms";
import { withTimeout } from "./call-stripe";

const TIMEOUT_MS = 10_000;

/** One fact in which an item's price at Stripe differs from the catalogue. */
export interface PriceMismatch {
  readonly item: string;
  /** The lookup key if there is no price. */
  readonly priceId: string;
  readonly fact: "exists" | "amount" | "currency" | "interval" | "terms" | "active" | "mode";
  readonly expected: string;
  readonly found: string;
}

/**
 * Compares the current price of every item at Stripe with the catalogue: amount (minor units) in each
 * of the catalogue's currencies, interval, terms, active, and live or test mode. Returns what differs,
 * in the catalogue's order. Further currencies at Stripe are not sold and do not count.
 * @throws StripeTimeout or Stripe's error if Stripe does not respond
 */
export async function checkPrices(
  billing: BillingDeps,
  { timeoutMs = TIMEOUT_MS }: { timeoutMs?: number } = {},
): Promise<PriceMismatch[]> {
  const checks = Promise.all(ITEMS.map((item) => checkPrice(billing, item)));
  return (await withTimeout(timeoutMs, checks)).flat();
}

/** One line per difference, for terminals, logs and alerts. */
export function describeMismatch({ item, priceId, fact, expected, found }: PriceMismatch): string {
  return `${item} (${priceId}): ${fact} is ${found}, the catalogue says ${expected}`;
}

/**
 * Logs what differs and raises an alert, once a day. Never throws: a start must not depend on Stripe
 * or on the database.
 */
export async function reportPriceMismatches(billing: BillingDeps): Promise<void> {
  try {
    const mismatches = await checkPrices(billing);
    if (mismatches.length === 0) return;
    const differences = mismatches.map(describeMismatch);
    logger.error({ differences }, "Stripe's prices differ from the catalogue");
    const now = billing.clock();
    const alert = {
      key: `stripe-prices:${dayName(now)}`,
      subject: "Stripe's prices differ from the catalogue",
      facts: Object.fromEntries(differences.map((line, at) => [`${at + 1}`, line])),
      now,
    };
    await enqueueAlert(billing.db, alert, billing.alertChannels);
  } catch (error) {
    logger.warn({ err: error }, "Stripe's prices could not be compared with the catalogue");
  }
}

async function checkPrice(billing: BillingDeps, item: Item): Promise<PriceMismatch[]> {
  const price = await findCurrentPrice(billing, item);
  const mode = (isLive: boolean) => (isLive ? "live" : "test");
  if (price === null) {
    const facts = { fact: "exists" as const, expected: "yes", found: "no" };
    return [{ item: item.id, priceId: lookupKeyOf(item), ...facts }];
  }
  const terms = termsDigest(item);
  const facts: [PriceMismatch["fact"], string, string][] = [
    ...amountFacts(item, price),
    ["interval", item.kind === "subscription" ? item.interval : "once", intervalOf(price)],
    ["terms", terms, price.metadata.terms ?? terms],
    ["active", "yes", isActive(price) ? "yes" : "no"],
    ["mode", mode(billing.livemode), mode(price.livemode)],
  ];
  return facts
    .filter(([, expected, found]) => expected !== found)
    .map(([fact, expected, found]) => ({
      item: item.id,
      priceId: price.id,
      fact,
      expected,
      found,
    }));
}

/** Compares each currency: either the price lacks it, or its amount may differ. */
function amountFacts(item: Item, price: Stripe.Price): [PriceMismatch["fact"], string, string][] {
  const found = amountsOf(price);
  return Object.entries(item.amounts).map(([currency, expected]) =>
    currency in found
      ? ["amount", `${expected} ${currency}`, `${found[currency]} ${currency}`]
      : ["currency", currency, Object.keys(found).join(", ")],
  );
}

async function findCurrentPrice({ stripe }: BillingDeps, item: Item): Promise<Stripe.Price | null> {
  const { data } = await stripe.prices.list({
    lookup_keys: [lookupKeyOf(item)],
    expand: ["data.product", "data.currency_options"],
  });
  return data[0] ?? null;
}

/** Stripe sells a price only while its product is active as well. */
function isActive({ active, product }: Stripe.Price): boolean {
  return active && typeof product !== "string" && product.deleted !== true && product.active;
}

function intervalOf({ recurring }: Stripe.Price): string {
  if (recurring === null) return "once";
  const { interval, interval_count: count } = recurring;
  return count === 1 ? interval : `${count} ${interval}s`;
}
