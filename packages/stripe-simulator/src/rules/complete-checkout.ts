import type Stripe from "stripe";
import { invalid, rowOf } from "../http/fault";
import { newCustomer } from "../objects/customer";
import { priceSession } from "../objects/session";
import type { Simulation } from "../simulation";
import type { SessionOrder, StoredPaymentIntent, StoredSession } from "../tables";
import { beginDebit, declinePayment, startPayment, succeedPayment } from "./charge-payment";
import { invoicePurchase } from "./invoice-purchase";
import { startSubscription } from "./start-subscription";

export const paymentChoices = [
  "card",
  "decline",
  "later",
  "coupon",
  "alipay",
  "wechat_pay",
  "incomplete",
] as const;

/**
 * What the customer does on the checkout page. `later` pays by a bank debit that settles another
 * day, `coupon` takes 100% off, `incomplete` leaves a subscription whose first payment failed.
 */
export type PaymentChoice = (typeof paymentChoices)[number];

/** Pays an open session. If the card is declined, the session stays open, as at Stripe. */
export function completeCheckout(
  sim: Simulation,
  session: StoredSession,
  how: PaymentChoice,
): "complete" | "declined" {
  if (session.status !== "open") {
    throw invalid(`This Checkout Session is ${session.status}; nothing more can be paid.`);
  }
  const order = rowOf(sim.tables.orders, "order", session.id);
  if (how === "coupon") {
    order.isFree = true;
    priceSession(session, order);
  }
  const isInvoiced = session.mode === "subscription" || session.invoice_creation?.enabled;
  if (session.customer === null && isInvoiced) {
    session.customer = startCustomer(sim).id;
  }
  const pay = session.mode === "subscription" ? paySubscription : payOnce;
  const outcome = pay(sim, session, order, how);
  if (outcome === "declined") {
    return "declined";
  }
  const paid = outcome === "paid" ? "paid" : "unpaid";
  session.payment_status = outcome === "free" ? "no_payment_required" : paid;
  session.status = "complete";
  session.url = null;
  sim.emit("checkout.session.completed", session);
  if (outcome !== "processing") {
    invoicePurchase(sim, session);
  }
  return "complete";
}

type Outcome = "paid" | "declined" | "processing" | "free";

function payOnce(
  sim: Simulation,
  session: StoredSession,
  order: SessionOrder,
  how: PaymentChoice,
): Outcome {
  if (session.amount_total === 0) {
    return "free";
  }
  const intent = intentOf(sim, session, order);
  switch (how) {
    case "decline":
    case "incomplete":
      declinePayment(sim, intent, "card");
      return "declined";
    case "later":
      beginDebit(sim, intent);
      return "processing";
    default:
      succeedPayment(sim, intent, how === "alipay" || how === "wechat_pay" ? how : "card");
      return "paid";
  }
}

function paySubscription(
  sim: Simulation,
  session: StoredSession,
  order: SessionOrder,
  how: PaymentChoice,
): Outcome {
  if (how === "alipay" || how === "wechat_pay") {
    throw invalid(`${how} cannot pay for a subscription here.`);
  }
  if (how === "decline") {
    return "declined";
  }
  const method = how === "later" ? "bank" : how === "incomplete" ? "declined card" : "card";
  const { subscription, invoice, outcome } = startSubscription(sim, session, order, method);
  if (outcome === "declined") {
    // The subscription exists and is incomplete. The session is unpaid and stays open.
    return "declined";
  }
  session.subscription = subscription.id;
  session.invoice = invoice.id;
  return invoice.total === 0 ? "free" : outcome;
}

function startCustomer(sim: Simulation): Stripe.Customer {
  const customer = newCustomer(sim.nowSeconds());
  sim.tables.customers.set(customer.id, customer);
  sim.emit("customer.created", customer);
  return customer;
}

function intentOf(
  sim: Simulation,
  session: StoredSession,
  order: SessionOrder,
): StoredPaymentIntent {
  if (session.payment_intent !== null) {
    return rowOf(sim.tables.paymentIntents, "payment_intent", session.payment_intent);
  }
  const intent = startPayment(sim, {
    amount: session.amount_total ?? 0,
    currency: session.currency ?? "usd",
    customer: session.customer,
    description: null,
    ...order.paymentIntent,
  });
  session.payment_intent = intent.id;
  return intent;
}
