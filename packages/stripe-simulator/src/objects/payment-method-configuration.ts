import type Stripe from "stripe";
import { newId } from "../ids";

/** The methods that the simulated account has the capability for. */
export const CONFIGURED_METHODS = ["card", "alipay", "wechat_pay"] as const;
export type ConfiguredMethod = (typeof CONFIGURED_METHODS)[number];

/** A configuration that offers every method of the account. */
export function newPaymentMethodConfiguration(
  id = newId("pmc"),
): Stripe.PaymentMethodConfiguration {
  return {
    id,
    object: "payment_method_configuration",
    active: true,
    application: null,
    is_default: false,
    livemode: false,
    name: "Default",
    parent: null,
    ...Object.fromEntries(CONFIGURED_METHODS.map((method) => [method, offered("on")])),
  };
}

/** The account has the capability for every method, so that a preference alone decides. */
export function offered(
  preference: "on" | "off" | "none",
): Stripe.PaymentMethodConfiguration.Alipay {
  const value = preference === "off" ? "off" : "on";
  return {
    available: value === "on",
    display_preference: { overridable: null, preference, value },
  };
}
