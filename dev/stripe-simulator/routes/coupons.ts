import { invalid, rowOf } from "../http/fault";
import type { Call } from "../http/route";
import { listRoute, matching, mergeMetadata, retrieveRoute, route } from "../http/route";
import { newId } from "../ids";
import { newCoupon, newPromotionCode } from "../objects/coupon";

export const couponRoutes = [
  route("POST", "/v1/coupons", createCoupon),
  retrieveRoute("/v1/coupons", "coupon", (sim) => sim.tables.coupons),
  listRoute("/v1/coupons", (sim) => sim.tables.coupons.values()),
  route("POST", "/v1/promotion_codes", createPromotionCode),
  retrieveRoute("/v1/promotion_codes", "promotion code", (sim) => sim.tables.promotionCodes),
  listRoute(
    "/v1/promotion_codes",
    (sim) => sim.tables.promotionCodes.values(),
    (params) => [
      matching(params.boolean("active"), ({ active }) => active),
      matching(params.string("code"), ({ code }) => code),
      matching(params.string("coupon"), ({ promotion }) => promotion.coupon ?? ""),
    ],
  ),
];

function createCoupon({ sim, params }: Call) {
  const id = params.string("id");
  const percentOff = params.string("percent_off");
  const amountOff = params.integer("amount_off");
  const currency = params.string("currency");
  const months = params.integer("duration_in_months");
  const name = params.string("name");
  const duration = params.oneOf("duration", ["once", "repeating", "forever"]) ?? "once";
  const metadata = mergeMetadata({}, params.metadata());
  if ((percentOff === undefined) === (amountOff === undefined)) {
    throw invalid("You must pass either percent_off or amount_off, and not both.");
  }
  const percent = percentOff === undefined ? null : Number(percentOff);
  if (percent !== null && !(percent > 0 && percent <= 100)) {
    throw invalid("percent_off must be greater than 0 and at most 100.", "percent_off");
  }
  return () => {
    const coupon = newCoupon(sim.nowSeconds(), {
      ...(id !== undefined && { id }),
      percent_off: percent,
      amount_off: amountOff ?? null,
      currency: currency ?? null,
      duration,
      duration_in_months: months ?? null,
      name: name ?? null,
      metadata,
    });
    sim.tables.coupons.set(coupon.id, coupon);
    sim.emit("coupon.created", coupon);
    return coupon;
  };
}

function createPromotionCode({ sim, params }: Call) {
  const promotion = params.child("promotion");
  promotion?.oneOf("type", ["coupon"]);
  const couponId = promotion?.required("coupon") ?? params.required("promotion");
  const code = params.string("code") ?? newId("x", 8).slice(2).toUpperCase();
  const metadata = mergeMetadata({}, params.metadata());
  return () => {
    rowOf(sim.tables.coupons, "coupon", couponId, "promotion[coupon]");
    const made = newPromotionCode(sim.nowSeconds(), { couponId, code, metadata });
    sim.tables.promotionCodes.set(made.id, made);
    sim.emit("promotion_code.created", made);
    return made;
  };
}
