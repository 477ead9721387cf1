import { and, eq, isNotNull } from "drizzle-orm";
import { user } from "@/db/schema";
import { type Locale, localeOf, localePath } from "@/lib/locales";
import type { BillingDeps } from "../deps";
import { NothingToManage } from "../errors";
import { OUR_MARK } from "../prices/prices";
import { callStripe, isMissing } from "../stripe/call-stripe";
import { stripeLocale } from "../stripe/locale";
import { replaceCustomer } from "./customer";

/** With this parameter, the billing page polls Stripe for changes. */
const PORTAL_RETURN_PATH = "/billing?from=portal";

/**
 * Opens Stripe's portal, where users switch, cancel or resume subscriptions and find invoices.
 * Returns its URL. Replaces a customer that Stripe no longer has.
 * @throws NothingToManage before the first purchase, ServiceUnavailable
 */
export async function openPortal(
  billing: BillingDeps,
  { userId, locale: requested }: { userId: string; locale?: Locale },
): Promise<{ url: string }> {
  const [owner] = await billing.db
    .select({ customerId: user.stripeCustomerId, locale: user.locale })
    .from(user)
    .where(and(eq(user.id, userId), isNotNull(user.stripeCustomerId)));
  if (!owner?.customerId) throw new NothingToManage();
  const { customerId } = owner;
  const locale = requested ?? localeOf(owner.locale);
  try {
    return await createPortalSession(billing, { customerId, locale });
  } catch (error) {
    if (!isMissing(error, "customer")) throw error;
    const replacement = await replaceCustomer(billing, { userId, missing: customerId });
    return createPortalSession(billing, { customerId: replacement, locale });
  }
}

async function createPortalSession(
  billing: BillingDeps,
  { customerId, locale }: { customerId: string; locale: Locale },
): Promise<{ url: string }> {
  const configuration = await callStripe(() => findConfiguration(billing));
  const portal = await callStripe(() =>
    billing.stripe.billingPortal.sessions.create({
      customer: customerId,
      locale: stripeLocale(locale),
      return_url: `${billing.appUrl}${localePath(locale, PORTAL_RETURN_PATH)}`,
      ...(configuration === null ? {} : { configuration }),
    }),
  );
  return { url: portal.url };
}

/** Our portal configuration, or null for the account's default. The API cannot set the default. */
async function findConfiguration({ stripe }: BillingDeps): Promise<string | null> {
  const active = await stripe.billingPortal.configurations.list({ active: true, limit: 100 });
  return active.data.find(({ metadata }) => metadata?.app === OUR_MARK.app)?.id ?? null;
}
