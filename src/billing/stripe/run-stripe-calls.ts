import Stripe from "stripe";
import type { BillingDeps } from "../deps";
import { endAsked, listLiveSubscriptions } from "../subscriptions/live-subscriptions";
import { isLive } from "../subscriptions/subscription-status";
import { isMissing } from "./ask-stripe";
import type { StripeCall } from "./stripe-calls";
import { idOf } from "./stripe-ids";

/**
 * Makes one call. Each first asks how things stand: what is so already at Stripe (the session closed,
 * the subscription ended, the money refunded) counts as done. So a call may be made again after a
 * crash, and under another key after an error that Stripe keeps for the old one.
 */
export async function makeStripeCall(
  billing: BillingDeps,
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
    case "cancel-all":
      return cancelAll(billing, call.customerId, idempotencyKey);
    case "refund-invoice":
      return refundInvoice(billing, call, idempotencyKey);
    case "refund-payment":
      return refundPayment(billing, call, idempotencyKey);
  }
}

async function expireSession({ stripe }: BillingDeps, id: string, idempotencyKey: string) {
  const session = await stripe.checkout.sessions.retrieve(id);
  if (session.status === "open") await stripe.checkout.sessions.expire(id, {}, { idempotencyKey });
}

async function cancelAtPeriodEnd({ stripe }: BillingDeps, id: string, idempotencyKey: string) {
  const subscription = await stripe.subscriptions.retrieve(id);
  if (!isLive(subscription.status) || endAsked(subscription) !== null) return;
  // While a schedule manages the subscription (a switch is planned), Stripe refuses to set its end.
  const schedule = idOf(subscription.schedule);
  if (schedule !== null) {
    const released = { idempotencyKey: `${idempotencyKey}:release` };
    await stripe.subscriptionSchedules.release(schedule, {}, released);
  }
  await stripe.subscriptions.update(id, { cancel_at_period_end: true }, { idempotencyKey });
}

async function cancelNow({ stripe }: BillingDeps, id: string, idempotencyKey: string) {
  try {
    const subscription = await stripe.subscriptions.retrieve(id);
    if (!isLive(subscription.status)) return;
    await stripe.subscriptions.cancel(id, { prorate: false }, { idempotencyKey });
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Also those we have not heard of yet. */
async function cancelAll(billing: BillingDeps, customerId: string, idempotencyKey: string) {
  for (const { id } of await listLiveSubscriptions(billing, customerId)) {
    await cancelNow(billing, id, `${idempotencyKey}:${id}`);
  }
}

type Refund<Kind> = Extract<StripeCall, { do: Kind }>;

async function refundInvoice(
  billing: BillingDeps,
  { invoiceId, reason }: Refund<"refund-invoice">,
  idempotencyKey: string,
) {
  const payments = await billing.stripe.invoicePayments
    .list({ invoice: invoiceId, status: "paid", limit: 100 })
    .autoPagingToArray({ limit: 1000 });
  for (const { payment } of payments) {
    const paymentIntentId = idOf(payment.payment_intent);
    if (paymentIntentId === null) continue;
    const refund = { do: "refund-payment", paymentIntentId, reason } as const;
    await refundPayment(billing, refund, `${idempotencyKey}:${paymentIntentId}`);
  }
}

/** Gives back what is left of a payment. */
async function refundPayment(
  { stripe }: BillingDeps,
  { paymentIntentId, reason }: Refund<"refund-payment">,
  idempotencyKey: string,
) {
  const { latest_charge: charge } = await stripe.paymentIntents.retrieve(paymentIntentId, {
    expand: ["latest_charge"],
  });
  if (charge === null || typeof charge === "string" || charge.refunded) return;
  try {
    await stripe.refunds.create({ payment_intent: paymentIntentId, reason }, { idempotencyKey });
  } catch (error) {
    if (!isRefundedAlready(error)) throw error;
  }
}

function isRefundedAlready(error: unknown): boolean {
  return error instanceof Stripe.errors.StripeError && error.code === "charge_already_refunded";
}
