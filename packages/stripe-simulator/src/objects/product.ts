import Stripe from "stripe";
import { newId } from "../ids";
import type { StoredPrice, Tables } from "../tables";

export function newProduct(
  created: number,
  { id = newId("prod", 14), name }: { id?: string | undefined; name: string },
): Stripe.Product {
  return {
    id,
    object: "product",
    active: true,
    created,
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: {},
    name,
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: "service",
    unit_label: null,
    updated: created,
    url: null,
  };
}

interface NewPrice {
  id?: string;
  product: string;
  unitAmount: number;
  currency: string;
  /** Absent for one-time prices. */
  interval?: "month" | "year" | undefined;
}

export function newPrice(created: number, given: NewPrice): StoredPrice {
  return {
    id: given.id ?? newId("price"),
    object: "price",
    active: true,
    billing_scheme: "per_unit",
    created,
    currency: given.currency,
    custom_unit_amount: null,
    livemode: false,
    lookup_key: null,
    metadata: {},
    nickname: null,
    product: given.product,
    recurring: given.interval
      ? {
          interval: given.interval,
          interval_count: 1,
          meter: null,
          trial_period_days: null,
          usage_type: "licensed",
        }
      : null,
    tax_behavior: "unspecified",
    tiers_mode: null,
    transform_quantity: null,
    type: given.interval ? "recurring" : "one_time",
    unit_amount: given.unitAmount,
    unit_amount_decimal: Stripe.Decimal.from(given.unitAmount),
  };
}

/** A price's amounts by currency, its own included. */
export function amountsOf(
  { currencyOptions }: Tables,
  price: Pick<Stripe.Price, "id" | "currency" | "unit_amount">,
): Record<string, number> {
  return { [price.currency]: price.unit_amount ?? 0, ...currencyOptions.get(price.id) };
}

/** The legacy plan object, which is still part of every subscription item. */
export function planOf(price: Stripe.Price): Stripe.Plan {
  return {
    id: price.id,
    object: "plan",
    active: price.active,
    amount: price.unit_amount,
    amount_decimal: price.unit_amount_decimal,
    billing_scheme: price.billing_scheme,
    created: price.created,
    currency: price.currency,
    interval: price.recurring?.interval ?? "month",
    interval_count: price.recurring?.interval_count ?? 1,
    livemode: false,
    metadata: price.metadata,
    meter: null,
    nickname: price.nickname,
    product: price.product,
    tiers_mode: null,
    transform_usage: null,
    trial_period_days: null,
    usage_type: "licensed",
  };
}
