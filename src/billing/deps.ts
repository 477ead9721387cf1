import type Stripe from "stripe";
import type { Database } from "@/db/client";
import type { PriceCatalogue } from "./catalog";

/** Something that only a person can put right. */
export interface BillingAlert {
  /** Names the fact: one alert a key. */
  readonly key: string;
  readonly subject: string;
  readonly facts: Readonly<Record<string, string | number | null>>;
}

/** What billing works with. The application's is in `billing.ts`; a test makes its own. */
export interface BillingDeps {
  readonly db: Database;
  readonly stripe: Stripe;
  readonly prices: PriceCatalogue;
  readonly webhookSecret: string;
  /** Whether the key is a live one; events of the other mode are ignored. */
  readonly livemode: boolean;
  /** The site's own address, without a slash at the end. */
  readonly appUrl: string;
  readonly automaticTax: boolean;
  readonly billingAddress: boolean;
  /** The present instant. A clock and not an instant, because the order of fetches depends on it. */
  readonly clock: () => Date;
  /** How the people who run the site are told that something needs them; absent: by the log. */
  readonly alert?: (alert: BillingAlert) => Promise<void>;
}

/** True for keys (secret or restricted) of Stripe's live mode. */
export function isLiveKey(secretKey: string): boolean {
  return /^(sk|rk)_live_/.test(secretKey);
}
