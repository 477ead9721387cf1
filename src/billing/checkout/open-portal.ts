import { and, eq, isNotNull } from "drizzle-orm";
import { user } from "@/db/schema";
import { type Locale, localePath } from "@/lib/locales";
import type { BillingDeps } from "../deps";
import { NothingToManage } from "../errors";
import { askStripe, isMissing } from "../stripe/ask-stripe";
import { localeOf, stripeLocale } from "../stripe/locale";
import { replaceCustomer } from "./customer";

/** Marks what `npm run stripe:setup` made at Stripe, so that it is found again. */
export const SETUP_MARK = { app: "qiflow" } as const;

/**
 * Opens Stripe's portal, where a subscription is switched, cancelled or resumed and invoices lie, and
 * answers its address. A customer whom Stripe no longer has is replaced first, as at a checkout.
 * @throws NothingToManage before the first purchase, ServiceUnavailable
 */
export async function openPortal(
  billing: BillingDeps,
  { userId, locale: wanted }: { userId: string; locale?: Locale },
): Promise<{ url: string }> {
  const [owner] = await billing.db
    .select({ customerId: user.stripeCustomerId, locale: user.locale })
    .from(user)
    .where(and(eq(user.id, userId), isNotNull(user.stripeCustomerId)));
  if (!owner?.customerId) throw new NothingToManage();
  const { customerId } = owner;
  const locale = wanted ?? localeOf(owner.locale);
  try {
    return await openFor(billing, { customerId, locale });
  } catch (error) {
    if (!isMissing(error, "customer")) throw error;
    const replacement = await replaceCustomer(billing, { userId, gone: customerId });
    return openFor(billing, { customerId: replacement, locale });
  }
}

async function openFor(
  billing: BillingDeps,
  { customerId, locale }: { customerId: string; locale: Locale },
): Promise<{ url: string }> {
  const configuration = await askStripe(() => findConfiguration(billing));
  const portal = await askStripe(() =>
    billing.stripe.billingPortal.sessions.create({
      customer: customerId,
      locale: stripeLocale(locale),
      return_url: `${billing.appUrl}${localePath(locale, "/billing")}`,
      ...(configuration === null ? {} : { configuration }),
    }),
  );
  return { url: portal.url };
}

/**
 * Our portal configuration, by its mark: the API can't make one the account's default. Without one
 * the account's default serves.
 */
async function findConfiguration({ stripe }: BillingDeps): Promise<string | null> {
  const active = await stripe.billingPortal.configurations.list({ active: true, limit: 100 });
  return active.data.find(({ metadata }) => metadata?.app === SETUP_MARK.app)?.id ?? null;
}
