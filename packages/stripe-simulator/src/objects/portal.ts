import type Stripe from "stripe";
import { newId } from "../ids";
import type { StoredPortalSession } from "../tables";

/** A portal configuration with every feature disabled. */
export function newPortalConfiguration(
  created: number,
  id = newId("bpc"),
): Stripe.BillingPortal.Configuration {
  return {
    id,
    object: "billing_portal.configuration",
    active: true,
    application: null,
    business_profile: { headline: null, privacy_policy_url: null, terms_of_service_url: null },
    created,
    default_return_url: null,
    features: {
      customer_update: { allowed_updates: [], enabled: false },
      invoice_history: { enabled: false },
      payment_method_update: { enabled: false, payment_method_configuration: null },
      subscription_cancel: {
        cancellation_reason: { enabled: false, feedback_options: null, options: [] },
        enabled: false,
        mode: "at_period_end",
        proration_behavior: "none",
      },
      subscription_pause: {
        duration: { interval_options: [], type: "indefinite" },
        enabled: false,
      },
      subscription_update: {
        billing_cycle_anchor: null,
        default_allowed_updates: [],
        enabled: false,
        products: [],
        proration_behavior: "always_invoice",
        schedule_at_period_end: { conditions: [] },
        trial_update_behavior: "end_trial",
      },
    },
    is_default: false,
    livemode: false,
    login_page: { enabled: false, url: null },
    metadata: {},
    name: null,
    updated: created,
  };
}

export function newPortalSession(
  created: number,
  siteUrl: string,
  given: Pick<StoredPortalSession, "configuration" | "customer" | "flow" | "locale" | "return_url">,
): StoredPortalSession {
  const id = newId("bps");
  return {
    id,
    object: "billing_portal.session",
    created,
    customer_account: null,
    livemode: false,
    on_behalf_of: null,
    url: `${siteUrl}/portal/${id}`,
    ...given,
  };
}

type FlowData = Stripe.BillingPortal.SessionCreateParams.FlowData;
type GivenFlow = Pick<FlowData, "type" | "subscription_cancel" | "subscription_update_confirm"> & {
  after_completion?: FlowData["after_completion"] | undefined;
};

/** The flow of a session, with the fields that Stripe fills in. */
export function newPortalFlow({
  type,
  after_completion: after,
  subscription_cancel: cancel,
  subscription_update_confirm: update,
}: GivenFlow): Stripe.BillingPortal.Session.Flow {
  return {
    type,
    after_completion: {
      type: after?.type ?? "portal_homepage",
      hosted_confirmation: null,
      redirect: after?.redirect ?? null,
    },
    customer_update: null,
    subscription_cancel: cancel ? { subscription: cancel.subscription, retention: null } : null,
    subscription_pause: null,
    subscription_update: null,
    subscription_update_confirm: update
      ? {
          subscription: update.subscription,
          discounts: null,
          items: update.items.map(({ id, price = null }) => ({ id, price })),
        }
      : null,
  };
}
