import type Stripe from "stripe";
import { newId } from "../ids";
import type { StoredSchedule, StoredSubscription } from "../tables";

/** A part of a schedule in which the subscription has these items. Unix seconds. */
export interface PlannedPhase {
  items: { price: string; quantity: number }[];
  start: number;
  end: number;
}

/** The schedule of a running subscription. It is released when its last phase ends. */
export function newSchedule(
  created: number,
  subscription: StoredSubscription,
  phases: PlannedPhase[],
): StoredSchedule {
  return {
    id: newId("sub_sched"),
    object: "subscription_schedule",
    application: null,
    billing_mode: subscription.billing_mode,
    canceled_at: null,
    completed_at: null,
    created,
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
    phases: phases.map((phase) => newPhase(subscription.currency, phase)),
    released_at: null,
    released_subscription: null,
    status: "active",
    subscription: subscription.id,
    test_clock: null,
  };
}

export function newPhase(
  currency: string,
  { items, start, end }: PlannedPhase,
  proration_behavior: Stripe.SubscriptionSchedule.Phase.ProrationBehavior = "create_prorations",
): Stripe.SubscriptionSchedule.Phase {
  return {
    add_invoice_items: [],
    application_fee_percent: null,
    billing_cycle_anchor: null,
    billing_thresholds: null,
    collection_method: null,
    currency,
    default_payment_method: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    end_date: end,
    invoice_settings: null,
    items: items.map(({ price, quantity }) => ({
      billing_thresholds: null,
      discounts: [],
      metadata: {},
      plan: price,
      price,
      quantity,
      tax_rates: [],
    })),
    metadata: {},
    on_behalf_of: null,
    proration_behavior,
    start_date: start,
    transfer_data: null,
    trial_end: null,
  };
}
