import type Stripe from "stripe";
import { invalid, rowOf, StripeFault } from "../http/fault";
import { newInvoice } from "../objects/invoice";
import type { Simulation } from "../simulation";
import type { StoredPrice, StoredSubscription } from "../tables";
import { DRAFT_SECONDS, periodLine } from "./bill-subscription";
import { isOver, planItem } from "./change-subscription";
import { nextItem } from "./renew-subscription";
import { planSwitchNow } from "./switch-price";

/** The invoice that the end of the period will bring. Nothing is stored. */
export function previewInvoice(sim: Simulation, subscription: StoredSubscription): Stripe.Invoice {
  const item = planItem(subscription);
  const { current_period_start: start, current_period_end: end } = item;
  if (isOver(subscription) || (subscription.cancel_at ?? Number.POSITIVE_INFINITY) <= end) {
    throw new StripeFault({
      status: 404,
      code: "invoice_upcoming_none",
      message: `No upcoming invoices for customer: ${subscription.customer}`,
    });
  }
  const { item: next } = nextItem(sim, subscription, item);
  const customer = rowOf(sim.tables.customers, "customer", subscription.customer);
  const invoice = newInvoice(sim.nowSeconds(), {
    customer,
    subscription,
    currency: subscription.currency,
    billingReason: "upcoming",
    lines: [
      ...(sim.tables.pendingProrations.get(subscription.id) ?? []),
      periodLine(sim, subscription, next),
    ],
    period: { start, end },
    finalizesAt: end + DRAFT_SECONDS,
  });
  return withAmountDue(invoice, customer);
}

/** The invoice that a switch of prices now would bring. Nothing is stored. */
export function previewSwitch(
  sim: Simulation,
  subscription: StoredSubscription,
  { price, quantity }: { price: StoredPrice; quantity: number },
): Stripe.Invoice {
  if (isOver(subscription)) {
    throw invalid("A canceled subscription can only update its cancellation_details and metadata.");
  }
  const customer = rowOf(sim.tables.customers, "customer", subscription.customer);
  const { lines, period } = planSwitchNow(sim, subscription, { price, quantity });
  const now = sim.nowSeconds();
  const bill = { billingReason: "upcoming", lines, period, finalizesAt: now } as const;
  const given = { ...bill, customer, subscription, currency: subscription.currency };
  return withAmountDue(newInvoice(now, given), customer);
}

function withAmountDue(invoice: Stripe.Invoice, { balance }: Stripe.Customer): Stripe.Invoice {
  const amount_due = Math.max(0, invoice.total + balance);
  return { ...invoice, amount_due, amount_remaining: amount_due };
}
