import Stripe from "stripe";
import { isMissing } from "./ask-stripe";
import type { Billing } from "./context";
import { endAsked } from "./live-subscription";
import { idOf } from "./stripe-ids";
import type { StripeCall } from "./stripe-outbox";
import { isLive } from "./subscription-status";

/**
 * Makes one call. What is so already at Stripe (the session closed, the subscription ended, the
 * charge refunded) counts as done, so that a call may be made again after a crash.
 */
export async function makeStripeCall(
  billing: Billing,
  call: StripeCall,
  idempotencyKey: string,
): Promise<void> {
  switch (call.do) {
    case "expire-session":
      return expireSession(billing, call.sessionId, idempotencyKey);
    case "cancel-at-period-end":
      return cancelAtPeriodEnd(billing, call.subscriptionId, idempotencyKey);
    case "cancel-now":
      return cancelNow(billing, call.subscriptionId, idempotencyKey);
    case "refund-invoice":
      return refundInvoice(billing, call.invoiceId, idempotencyKey);
  }
}

async function expireSession({ stripe }: Billing, id: string, idempotencyKey: string) {
  const session = await stripe.checkout.sessions.retrieve(id);
  if (session.status === "open") await stripe.checkout.sessions.expire(id, {}, { idempotencyKey });
}

async function cancelAtPeriodEnd({ stripe }: Billing, id: string, idempotencyKey: string) {
  const subscription = await stripe.subscriptions.retrieve(id);
  if (!isLive(subscription.status) || endAsked(subscription) !== null) return;
  await stripe.subscriptions.update(id, { cancel_at_period_end: true }, { idempotencyKey });
}

async function cancelNow({ stripe }: Billing, id: string, idempotencyKey: string) {
  try {
    const subscription = await stripe.subscriptions.retrieve(id);
    if (!isLive(subscription.status)) return;
    await stripe.subscriptions.cancel(id, { prorate: false }, { idempotencyKey });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

async function refundInvoice({ stripe }: Billing, invoiceId: string, idempotencyKey: string) {
  const payments = await stripe.invoicePayments.list({ invoice: invoiceId, status: "paid" });
  for (const { payment } of payments.data) {
    const paymentIntent = idOf(payment.payment_intent);
    if (paymentIntent === null) continue;
    try {
      await stripe.refunds.create(
        { payment_intent: paymentIntent, reason: "duplicate" },
        { idempotencyKey: `${idempotencyKey}:${paymentIntent}` },
      );
    } catch (error) {
      if (!isRefundedAlready(error)) throw error;
    }
  }
}

function isRefundedAlready(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError && error.code === "charge_already_refunded";
}
