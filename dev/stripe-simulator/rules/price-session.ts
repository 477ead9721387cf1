import type Stripe from "stripe";
import { rowOf } from "../http/fault";
import { couponOff, newCoupon } from "../objects/coupon";
import type { Simulation } from "../simulation";
import type { SessionOrder, StoredSession } from "../tables";

/** The coupon behind the checkout page's "100% off". */
export const FREE_COUPON = "SIMULATED100";

/** Sums the session up anew: lines, discount, total. Minor units. */
export function priceSession(sim: Simulation, session: StoredSession, order: SessionOrder): void {
  const coupon = order.couponId ? rowOf(sim.tables.coupons, "coupon", order.couponId) : null;
  const subtotal = order.lineItems.reduce((sum, line) => sum + line.amount_subtotal, 0);
  const off = couponOff(coupon, subtotal);
  spread(order.lineItems, off, subtotal);
  const trial = order.subscription.trialDays !== null;
  session.amount_subtotal = trial ? 0 : subtotal;
  session.amount_total = trial ? 0 : subtotal - off;
  session.total_details = {
    amount_discount: trial ? 0 : off,
    amount_shipping: 0,
    amount_tax: 0,
  };
  session.discounts = coupon ? [{ coupon: coupon.id, promotion_code: null }] : [];
}

export function freeCoupon(sim: Simulation): Stripe.Coupon {
  const known = sim.tables.coupons.get(FREE_COUPON);
  if (known) {
    return known;
  }
  const given = { id: FREE_COUPON, name: "100% off", percent_off: 100 };
  const coupon = newCoupon(sim.nowSeconds(), given);
  sim.tables.coupons.set(coupon.id, coupon);
  return coupon;
}

/** Shares the discount over the lines by their amounts; the last line takes the rounding. */
function spread(lines: Stripe.LineItem[], off: number, subtotal: number): void {
  let left = off;
  for (const [index, line] of lines.entries()) {
    const share = subtotal === 0 ? 0 : Math.round((off * line.amount_subtotal) / subtotal);
    line.amount_discount = index === lines.length - 1 ? left : Math.min(share, left);
    line.amount_total = line.amount_subtotal - line.amount_discount;
    left -= line.amount_discount;
  }
}
