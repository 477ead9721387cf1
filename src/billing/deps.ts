import type Stripe from "stripe";
import type { AlertChannels } from "@/alerts/alert";
import { alertChannels } from "@/alerts/configured-channels";
import { db } from "@/db";
import type { Database } from "@/db/client";
import { env } from "@/env";
import { stripe } from "@/integrations/stripe";
import { now } from "@/lib/clock";
import { readLegacyPrices } from "./prices/legacy-prices";
import { Prices } from "./prices/prices";

/** What billing depends on. Tests build their own. */
export interface BillingDeps {
  readonly db: Database;
  readonly stripe: Stripe;
  readonly prices: Prices;
  readonly webhookSecret: string;
  /** Whether the secret key is a live-mode key. Events of the other mode are ignored. */
  readonly livemode: boolean;
  /** The site's URL without a trailing slash. */
  readonly appUrl: string;
  readonly automaticTax: boolean;
  readonly billingAddress: boolean;
  /** Whether Stripe issues an invoice for each one-time purchase. Subscriptions always have invoices. */
  readonly purchaseInvoices: boolean;
  /** Channels for alerts about dead letters. */
  readonly alertChannels: AlertChannels;
  /** A clock rather than an instant: states fetched from Stripe are ordered by when each fetch began. */
  readonly clock: () => Date;
}

/** The application's dependencies, from the environment. */
export const billingDeps: BillingDeps = {
  db,
  stripe,
  prices: new Prices({ db, stripe, legacy: readLegacyPrices(env.legacyPrices), clock: now }),
  webhookSecret: env.STRIPE_WEBHOOK_SECRET,
  livemode: isLiveKey(env.STRIPE_SECRET_KEY),
  appUrl: env.APP_URL,
  automaticTax: env.STRIPE_AUTOMATIC_TAX,
  billingAddress: env.STRIPE_BILLING_ADDRESS,
  purchaseInvoices: env.STRIPE_INVOICES,
  alertChannels,
  clock: now,
};

/** True for secret and restricted keys of Stripe's live mode. */
function isLiveKey(secretKey: string): boolean {
  return /^(sk|rk)_live_/.test(secretKey);
}
