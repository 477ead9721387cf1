import { and, eq, isNotNull } from "drizzle-orm";
import type Stripe from "stripe";
import { z } from "zod";
import { findItem } from "@/catalog/items";
import { user } from "@/db/schema";
import { type Locale, localeOf, localePath } from "@/lib/locales";
import type { BillingDeps } from "../deps";
import { NothingToManage, PlanChangeUnavailable } from "../errors";
import { loadLiveSubscription } from "../plan-changes/load-subscription";
import { switchInput } from "../plan-changes/preview-switch";
import { OUR_MARK } from "../prices/prices";
import { callStripe, isMissing, isRefused } from "../stripe/call-stripe";
import { stripeLocale } from "../stripe/locale";
import { replaceCustomer } from "./customer";

/** With this parameter, the billing page asks Stripe for changes. */
const PORTAL_RETURN_PATH = "/billing?from=portal";

/** What the portal is opened for: everything, or one flow. */
export const portalInput = z.discriminatedUnion("flow", [
  z.strictObject({ flow: z.literal("all") }),
  z.strictObject({ flow: z.literal("switch"), ...switchInput.shape }),
  z.strictObject({ flow: z.literal("cancel") }),
  z.strictObject({ flow: z.literal("card") }),
]);
export type PortalFlow = z.output<typeof portalInput>;

/**
 * Opens Stripe's portal and returns its URL. A flow shows only its own page and returns to the billing
 * page with `done=<flow>` once it is completed. Replaces a customer that Stripe no longer has.
 * @throws NothingToManage before the first purchase, ServiceUnavailable
 * @throws NotFound or PlanChangeUnavailable if the subscription does not allow the flow
 */
export async function openPortal(
  billing: BillingDeps,
  {
    userId,
    locale: requested,
    flow = { flow: "all" },
  }: { userId: string; locale?: Locale; flow?: PortalFlow },
): Promise<{ url: string }> {
  const [owner] = await billing.db
    .select({ customerId: user.stripeCustomerId, locale: user.locale })
    .from(user)
    .where(and(eq(user.id, userId), isNotNull(user.stripeCustomerId)));
  if (!owner?.customerId) throw new NothingToManage();
  const { customerId } = owner;
  const locale = requested ?? localeOf(owner.locale);
  try {
    const data = await flowData(billing, { userId, flow, locale });
    return await createPortalSession(billing, { customerId, locale, data });
  } catch (error) {
    if (flow.flow !== "all" && isRefused(error)) throw new PlanChangeUnavailable({ cause: error });
    if (!isMissing(error, "customer")) throw error;
    const replacement = await replaceCustomer(billing, { userId, missing: customerId });
    return createPortalSession(billing, { customerId: replacement, locale, data: null });
  }
}

type FlowData = Stripe.BillingPortal.SessionCreateParams.FlowData;

async function flowData(
  billing: BillingDeps,
  { userId, flow, locale }: { userId: string; flow: PortalFlow; locale: Locale },
): Promise<FlowData | null> {
  if (flow.flow === "all") return null;
  const path = `${PORTAL_RETURN_PATH}&done=${flow.flow}`;
  const return_url = `${billing.appUrl}${localePath(locale, path)}`;
  const after_completion = { type: "redirect", redirect: { return_url } } as const;
  if (flow.flow === "card") return { type: "payment_method_update", after_completion };
  const { subscription, plan } = await loadLiveSubscription(billing, { userId });
  if (flow.flow === "cancel") {
    const subscription_cancel = { subscription: subscription.id };
    return { type: "subscription_cancel", subscription_cancel, after_completion };
  }
  const item = findItem(flow.item);
  if (item === null) throw new PlanChangeUnavailable();
  const { priceId: price } = await billing.prices.priceOf(item);
  const items = [{ id: plan.line.id, price }];
  const subscription_update_confirm = { subscription: subscription.id, items };
  return { type: "subscription_update_confirm", subscription_update_confirm, after_completion };
}

async function createPortalSession(
  billing: BillingDeps,
  { customerId, locale, data }: { customerId: string; locale: Locale; data: FlowData | null },
): Promise<{ url: string }> {
  const configuration = await callStripe(() => findConfiguration(billing));
  const portal = await callStripe(() =>
    billing.stripe.billingPortal.sessions.create({
      customer: customerId,
      locale: stripeLocale(locale),
      return_url: `${billing.appUrl}${localePath(locale, PORTAL_RETURN_PATH)}`,
      ...(configuration === null ? {} : { configuration }),
      ...(data === null ? {} : { flow_data: data }),
    }),
  );
  return { url: portal.url };
}

/** Our portal configuration, or null for the account's default. The API cannot set the default. */
async function findConfiguration({ stripe }: BillingDeps): Promise<string | null> {
  const active = await stripe.billingPortal.configurations.list({ active: true, limit: 100 });
  return active.data.find(({ metadata }) => metadata?.app === OUR_MARK.app)?.id ?? null;
}
