import { db } from "@/db";
import { env } from "@/env";
import { stripe } from "@/integrations/stripe";
import { now } from "@/lib/clock";
import { createPriceCatalogue } from "./catalog";
import { type BillingDeps, isLiveKey } from "./deps";

/** The application's billing, set up from the environment. */
export const billing: BillingDeps = {
  db,
  stripe,
  prices: createPriceCatalogue({
    current: {
      "pro-monthly": env.STRIPE_PRICE_PRO_MONTHLY,
      "pro-yearly": env.STRIPE_PRICE_PRO_YEARLY,
      lifetime: env.STRIPE_PRICE_LIFETIME,
      "pack-basic": env.STRIPE_PRICE_PACK_BASIC,
      "pack-standard": env.STRIPE_PRICE_PACK_STANDARD,
      "pack-premium": env.STRIPE_PRICE_PACK_PREMIUM,
      "pack-enterprise": env.STRIPE_PRICE_PACK_ENTERPRISE,
    },
    retired: env.STRIPE_RETIRED_PRICES,
  }),
  webhookSecret: env.STRIPE_WEBHOOK_SECRET,
  livemode: isLiveKey(env.STRIPE_SECRET_KEY),
  appUrl: env.APP_URL,
  automaticTax: env.STRIPE_AUTOMATIC_TAX,
  billingAddress: env.STRIPE_BILLING_ADDRESS,
  clock: now,
};
