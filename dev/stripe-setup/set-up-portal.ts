import type Stripe from "stripe";
import { OUR_MARK } from "@/billing/prices/prices";

/**
 * Creates or updates the portal's configuration. A cancellation and a switch to a cheaper plan or a
 * shorter interval take effect at the end of the period; every other switch takes effect at once and is
 * invoiced at once, with the unused time credited.
 */
export async function setUpPortal(
  stripe: Stripe,
  { appUrl, products }: { appUrl: string; products: { product: string; prices: string[] }[] },
): Promise<string> {
  const params = {
    business_profile: {
      privacy_policy_url: `${appUrl}/privacy`,
      terms_of_service_url: `${appUrl}/terms`,
    },
    default_return_url: `${appUrl}/billing`,
    features: {
      customer_update: { enabled: true, allowed_updates: ["address", "email", "name", "tax_id"] },
      invoice_history: { enabled: true },
      payment_method_update: { enabled: true },
      subscription_cancel: { enabled: true, mode: "at_period_end" },
      subscription_update: {
        enabled: true,
        default_allowed_updates: ["price"],
        proration_behavior: "always_invoice",
        products,
        schedule_at_period_end: {
          conditions: [{ type: "decreasing_item_amount" }, { type: "shortening_interval" }],
        },
      },
    },
    metadata: OUR_MARK,
  } satisfies Stripe.BillingPortal.ConfigurationCreateParams;
  const { data } = await stripe.billingPortal.configurations.list({ active: true, limit: 100 });
  const ours = data.find(({ metadata }) => metadata?.app === OUR_MARK.app);
  const configuration =
    ours === undefined
      ? await stripe.billingPortal.configurations.create(params)
      : await stripe.billingPortal.configurations.update(ours.id, params);
  return configuration.id;
}
