import { createHmac } from "node:crypto";
import type Stripe from "stripe";

export interface SignedPayload {
  body: string;
  /** The value of `Stripe-Signature`. */
  header: string;
}

/**
 * Signs an event as Stripe does: HMAC-SHA256 over `<t>.<body>`
 * (https://docs.stripe.com/webhooks#verify-manually). `t` is real time: the receiver's tolerance
 * is measured on a real clock, however far the simulated one has been advanced.
 */
export function signPayload(event: Stripe.EventBase, secret: string): SignedPayload {
  const body = JSON.stringify(event);
  const t = Math.floor(Date.now() / 1000);
  const v1 = createHmac("sha256", secret).update(`${t}.${body}`).digest("hex");
  return { body, header: `t=${t},v1=${v1}` };
}
