import type Stripe from "stripe";
import type { StoredSubscription } from "../tables";

/** A schedule as Stripe answers it once it has let its subscription go. */
export function newReleasedSchedule(
  now: number,
  { id, subscription }: { id: string; subscription: StoredSubscription },
): Stripe.SubscriptionSchedule {
  return {
    id,
    object: "subscription_schedule",
    application: null,
    billing_mode: { flexible: { proration_discounts: "included" }, type: "flexible" },
    canceled_at: null,
    completed_at: null,
    created: subscription.created,
    current_phase: null,
    customer: subscription.customer,
    customer_account: null,
    default_settings: {
      application_fee_percent: null,
      billing_cycle_anchor: "automatic",
      billing_thresholds: null,
      collection_method: "charge_automatically",
      default_payment_method: null,
      description: null,
      invoice_settings: {
        account_tax_ids: null,
        custom_fields: null,
        days_until_due: null,
        description: null,
        footer: null,
        issuer: { type: "self" },
      },
      on_behalf_of: null,
      transfer_data: null,
    },
    end_behavior: "release",
    livemode: false,
    metadata: {},
    pause_schedules: [],
    phases: [],
    released_at: now,
    released_subscription: subscription.id,
    status: "released",
    subscription: null,
    test_clock: null,
  };
}
