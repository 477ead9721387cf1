import type Stripe from "stripe";
import { newId } from "../ids";
import type { StoredDiscount } from "../tables";

export function newCoupon(created: number, given: Partial<Stripe.Coupon>): Stripe.Coupon {
  return {
    id: newId("cpn", 8).slice(4),
    object: "coupon",
    amount_off: null,
    created,
    currency: null,
    duration: "once",
    duration_in_months: null,
    livemode: false,
    max_redemptions: null,
    metadata: {},
    name: null,
    percent_off: null,
    redeem_by: null,
    times_redeemed: 0,
    valid: true,
    ...given,
  };
}

export function newDiscount(
  start: number,
  given: Pick<StoredDiscount, "customer" | "subscription" | "checkout_session" | "end"> & {
    couponId: string;
  },
): StoredDiscount {
  const { couponId, ...rest } = given;
  return {
    id: newId("di"),
    object: "discount",
    customer_account: null,
    invoice: null,
    invoice_item: null,
    promotion_code: null,
    source: { coupon: couponId, type: "coupon" },
    start,
    subscription_item: null,
    ...rest,
  };
}

/** What a coupon takes off an amount, in the same minor units; never more than the amount. */
export function couponOff(coupon: Stripe.Coupon | null, amount: number): number {
  if (!coupon || amount <= 0) {
    return 0;
  }
  const off = coupon.amount_off ?? Math.round((amount * (coupon.percent_off ?? 0)) / 100);
  return Math.min(off, amount);
}
