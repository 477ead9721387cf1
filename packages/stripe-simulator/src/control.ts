import type Stripe from "stripe";
import type { Distance } from "./clock";
import {
  atEndpointVersion,
  type Delivery,
  type DeliveryMode,
  type SignedPayload,
  signPayload,
} from "./deliveries";
import { rowOf } from "./http/fault";
import {
  cancelAtPeriodEnd,
  endSubscription,
  planItem,
  resumeSubscription,
} from "./rules/change-subscription";
import { payInvoice, payInvoicePart } from "./rules/collect-invoice";
import { completeCheckout, type PaymentChoice } from "./rules/complete-checkout";
import { type Credit, creditInvoice } from "./rules/credit-invoice";
import { deleteCustomer } from "./rules/delete-customer";
import {
  appealDispute,
  chargeFor,
  closeDispute,
  disputeCharge,
  failRefund,
  inquireCharge,
  moveInquiry,
  movePendingRefund,
  refundCharge,
  warnOfFraud,
} from "./rules/refund-charge";
import { planSwitch } from "./rules/schedule-phases";
import { settleSession } from "./rules/settle-session";
import { addItem, type PriceSwitch, switchPrice } from "./rules/switch-price";
import type { Outage, Simulation } from "./simulation";
import type {
  StoredCreditNote,
  StoredDispute,
  StoredEarlyFraudWarning,
  StoredRefund,
  StoredSession,
  StoredSubscription,
} from "./tables";
import type { Timekeeper } from "./timekeeper";

export const SEED_ENDPOINT = "we_simulator";

/**
 * Everything that tests and the control page can trigger. Methods that cause events resolve after
 * the first delivery attempt of each; retries continue in the background.
 */
export class Control {
  constructor(
    private readonly sim: Simulation,
    private readonly time: Timekeeper,
  ) {}

  /** Advances time for the simulator and the app and runs everything that falls due. */
  advanceClock(distance: Distance): Promise<void> {
    return this.time.advance(distance);
  }

  get clockOffsetMs(): number {
    return this.sim.clock.offsetMs;
  }

  now(): Date {
    return new Date(this.sim.clock.nowMs());
  }

  /** Acts on the checkout page as a customer would. */
  pay(
    sessionId: string,
    { how = "card" }: { how?: PaymentChoice } = {},
  ): Promise<{ session: StoredSession }> {
    return this.settledAfter(() => {
      const session = this.session(sessionId);
      completeCheckout(this.sim, session, how);
      return { session };
    });
  }

  /** Settles or fails the bank debit of a session that was paid with `later`. */
  settleDelayedPayment(sessionId: string, outcome: "succeed" | "fail"): Promise<void> {
    return this.settledAfter(() => settleSession(this.sim, this.session(sessionId), outcome));
  }

  /** Declines the next charges of a customer or a subscription. */
  failNextPayment(payerId: string, times = 1): void {
    this.sim.tables.plannedDeclines.set(payerId, times);
    this.sim.changed();
  }

  /** Demands authentication for the next charge of a customer's or a subscription's invoice. */
  demandAuthentication(payerId: string, times = 1): void {
    this.sim.tables.plannedAuthentications.set(payerId, times);
    this.sim.changed();
  }

  /** Fails the next matching call with a 500, before or after its effect, as in an outage. */
  failNextCall(outage: Outage): void {
    this.sim.plannedOutages.push(outage);
  }

  /** Pays an open or uncollectible invoice on its page, as its customer would. */
  payInvoice(invoiceId: string): Promise<void> {
    return this.settledAfter(() =>
      payInvoice(this.sim, rowOf(this.sim.tables.invoices, "invoice", invoiceId)),
    );
  }

  /** Pays part of an open invoice (minor units). The remainder stays due. */
  payInvoicePart(invoiceId: string, amount: number): Promise<void> {
    return this.settledAfter(() => {
      const invoice = rowOf(this.sim.tables.invoices, "invoice", invoiceId);
      payInvoicePart(this.sim, invoice, amount);
    });
  }

  /** Issues a credit note on a paid invoice, as the dashboard does. */
  creditInvoice(invoiceId: string, credit: Credit): Promise<StoredCreditNote> {
    return this.settledAfter(() =>
      creditInvoice(this.sim, rowOf(this.sim.tables.invoices, "invoice", invoiceId), credit),
    );
  }

  /** Refunds a charge or a payment intent, by default all that remains (minor units). */
  refund(
    id: string,
    amount?: number,
    status: "succeeded" | "pending" = "succeeded",
  ): Promise<StoredRefund> {
    const given = { amount, status };
    return this.settledAfter(() => refundCharge(this.sim, chargeFor(this.sim, id), given));
  }

  /** Lets a pending refund wait for the customer, or cancels it. */
  movePendingRefund(id: string, to: "requires_action" | "canceled"): Promise<void> {
    const { refunds } = this.sim.tables;
    return this.settledAfter(() => movePendingRefund(this.sim, rowOf(refunds, "refund", id), to));
  }

  failRefund(id: string): Promise<void> {
    const { refunds } = this.sim.tables;
    return this.settledAfter(() => failRefund(this.sim, rowOf(refunds, "refund", id)));
  }

  /** Disputes a charge, by default what remains of it, in its currency or the cardholder's. */
  dispute(id: string, amount?: number, currency?: string): Promise<StoredDispute> {
    const given = { amount, currency };
    return this.settledAfter(() => disputeCharge(this.sim, chargeFor(this.sim, id), given));
  }

  /** Opens an inquiry, which is a dispute that has moved no money. */
  inquire(id: string): Promise<StoredDispute> {
    return this.settledAfter(() => inquireCharge(this.sim, chargeFor(this.sim, id)));
  }

  closeInquiry(id: string): Promise<void> {
    return this.settledAfter(() => moveInquiry(this.sim, this.disputeOf(id), "closes"));
  }

  /** Turns an inquiry into a dispute that withdraws the money. */
  escalateInquiry(id: string): Promise<void> {
    return this.settledAfter(() => moveInquiry(this.sim, this.disputeOf(id), "escalates"));
  }

  /** Sends an early fraud warning about a charge or a payment intent. */
  warnOfFraud(id: string): Promise<StoredEarlyFraudWarning> {
    return this.settledAfter(() => warnOfFraud(this.sim, chargeFor(this.sim, id)));
  }

  winDispute(id: string): Promise<void> {
    return this.settledAfter(() => closeDispute(this.sim, this.disputeOf(id), "won"));
  }

  loseDispute(id: string): Promise<void> {
    return this.settledAfter(() => closeDispute(this.sim, this.disputeOf(id), "lost"));
  }

  /** Prevents a dispute by leaving the money with the customer. */
  preventDispute(id: string): Promise<void> {
    return this.settledAfter(() => closeDispute(this.sim, this.disputeOf(id), "prevented"));
  }

  appealDispute(id: string): Promise<void> {
    return this.settledAfter(() => appealDispute(this.sim, this.disputeOf(id)));
  }

  /** `period end` does what the portal does: it sets only `cancel_at`. */
  cancelSubscription(id: string, when: "now" | "period end"): Promise<void> {
    return this.settledAfter(() =>
      when === "now"
        ? endSubscription(this.sim, this.subscription(id), "cancellation_requested")
        : cancelAtPeriodEnd(this.sim, this.subscription(id), "portal"),
    );
  }

  resumeSubscription(id: string): Promise<void> {
    return this.settledAfter(() => resumeSubscription(this.sim, this.subscription(id)));
  }

  switchPlan(
    id: string,
    priceId: string,
    options: Partial<Omit<PriceSwitch, "price">> = {},
  ): Promise<void> {
    return this.settledAfter(() => {
      const subscription = this.subscription(id);
      const quantity = planItem(subscription).quantity ?? 1;
      const price = rowOf(this.sim.tables.prices, "price", priceId);
      const asPortal = { price, quantity, proration: "always_invoice" } as const;
      switchPrice(this.sim, subscription, { ...asPortal, ...options });
    });
  }

  /** Adds another item to a subscription, as in the dashboard, and charges its remaining time. */
  addItem(id: string, priceId: string): Promise<void> {
    return this.settledAfter(() => {
      const price = rowOf(this.sim.tables.prices, "price", priceId);
      addItem(this.sim, this.subscription(id), price);
    });
  }

  /** Schedules a switch for the end of the period, as the portal does for a shorter interval. */
  planSwitch(id: string, priceId: string): Promise<void> {
    return this.settledAfter(() => {
      const price = rowOf(this.sim.tables.prices, "price", priceId);
      planSwitch(this.sim, this.subscription(id), price);
    });
  }

  deleteCustomer(id: string): Promise<void> {
    return this.settledAfter(() => deleteCustomer(this.sim, id));
  }

  deliveries(): readonly Delivery[] {
    return this.sim.deliveries.log;
  }

  /** Leaving `delay` sends the deliveries that were held back. */
  setDeliveryMode(mode: DeliveryMode): Promise<void> {
    return this.settledAfter(() => this.sim.deliveries.setMode(mode));
  }

  redeliver(eventId: string): Promise<void> {
    return this.settledAfter(() => this.sim.deliveries.redeliver(this.event(eventId)));
  }

  /** Resolves when every first delivery was attempted; with `retries`, when no retry remains. */
  settled(options: { retries?: boolean } = {}): Promise<void> {
    return this.sim.deliveries.settle(options);
  }

  /** All events in the order in which they happened, or those of one type. */
  listEvents(type?: Stripe.Event["type"]): Stripe.EventBase[] {
    const events = [...this.sim.tables.events.values()];
    return type === undefined ? events : events.filter((event) => event.type === type);
  }

  setWebhookUrl(url: string): void {
    const endpoint = rowOf(this.sim.tables.webhookEndpoints, "webhook endpoint", SEED_ENDPOINT);
    Object.assign(endpoint, { url, status: "enabled" });
    this.sim.changed();
  }

  /** Signs an event, real or made up, as if it were delivered now. */
  signedPayload(event: string | Stripe.EventBase): SignedPayload {
    const { webhookSecrets, webhookEndpoints } = this.sim.tables;
    const endpoint = rowOf(webhookEndpoints, "webhook endpoint", SEED_ENDPOINT);
    const signed =
      typeof event === "string" ? atEndpointVersion(this.event(event), endpoint) : event;
    return signPayload(signed, webhookSecrets.get(SEED_ENDPOINT) ?? "");
  }

  private async settledAfter<Result>(work: () => Result): Promise<Result> {
    const result = work();
    await this.settled();
    return result;
  }

  private session(id: string): StoredSession {
    return rowOf(this.sim.tables.sessions, "checkout.session", id);
  }

  private subscription(id: string): StoredSubscription {
    return rowOf(this.sim.tables.subscriptions, "subscription", id);
  }

  private disputeOf(id: string): StoredDispute {
    return rowOf(this.sim.tables.disputes, "dispute", id);
  }

  private event(id: string): Stripe.EventBase {
    return rowOf(this.sim.tables.events, "event", id);
  }
}
