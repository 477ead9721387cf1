import { env } from "@/env";

/** Stripe's page of an object by the prefix of its id. */
const PAGES: Readonly<Record<string, string>> = {
  cus: "customers",
  evt: "events",
  in: "invoices",
  pi: "payments",
  sub: "subscriptions",
};

interface StripeAccount {
  readonly STRIPE_SECRET_KEY: string;
  readonly STRIPE_API_BASE?: string | undefined;
}

/**
 * The page of an object in Stripe's dashboard, in live or test mode by the secret key. Null for ids
 * without a page, and for the simulator, whose objects have none.
 */
export function stripeDashboardUrl(id: string, account: StripeAccount = env): string | null {
  const prefix = id.slice(0, id.indexOf("_"));
  const page = Object.hasOwn(PAGES, prefix) ? PAGES[prefix] : undefined;
  if (page === undefined || account.STRIPE_API_BASE !== undefined) return null;
  const mode = /^[sr]k_live_/.test(account.STRIPE_SECRET_KEY) ? "" : "/test";
  return `https://dashboard.stripe.com${mode}/${page}/${encodeURIComponent(id)}`;
}
