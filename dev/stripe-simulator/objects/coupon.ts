import type Stripe from "stripe";
import { newId } from "../ids";
import type { StoredDiscount, StoredPromotionCode } from "../tables";

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

export function newPromotionCode(
  created: number,
  given: Partial<StoredPromotionCode> & { couponId: string; code: string },
): StoredPromotionCode {
  const { couponId, ...rest } = given;
  return {
    id: newId("promo"),
    object: "promotion_code",
    active: true,
    created,
    customer: null,
    customer_account: null,
    expires_at: null,
    livemode: false,
    max_redemptions: null,
    metadata: {},
    promotion: { coupon: couponId, type: "coupon" },
    restrictions: {
      first_time_transaction: false,
      minimum_amount: null,
      minimum_amount_currency: null,
    },
    times_redeemed: 0,
    ...rest,
  };
}

export function newDiscount(
  start: number,
  given: Pick<StoredDiscount, "customer" | "subscription" | "checkout_session" | "end"> & {
    couponId: string;
    promotionCodeId: string | null;
  },
): StoredDiscount {
  const { couponId, promotionCodeId, ...rest } = given;
  return {
    id: newId("di"),
    object: "discount",
    customer_account: null,
    invoice: null,
    invoice_item: null,
    promotion_code: promotionCodeId,
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
