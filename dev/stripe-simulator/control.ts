import type Stripe from "stripe";
import type { Distance } from "./clock";
import { asEndpointWants, type Delivery, type DeliveryMode } from "./deliveries";
import { rowOf, StripeFault } from "./http/fault";
import type { Outage } from "./outages";
import {
  cancelAtPeriodEnd,
  endSubscription,
  planItem,
  resumeSubscription,
} from "./rules/change-subscription";
import { payInvoicePart } from "./rules/collect-invoice";
import type { WayToPay } from "./rules/complete-checkout";
import { completeCheckout } from "./rules/complete-checkout";
import { deleteCustomer } from "./rules/delete-customer";
import {
  appealDispute,
  chargeFor,
  closeDispute,
  disputeCharge,
  failRefund,
  refundCharge,
} from "./rules/refund-charge";
import { settleSession } from "./rules/settle-session";
import type { PriceSwitch } from "./rules/switch-price";
import { planSwitch, switchPrice } from "./rules/switch-price";
import type { SignedPayload } from "./signature";
import { signPayload } from "./signature";
import type { Simulation } from "./simulation";
import type { StoredDispute, StoredRefund, StoredSession, StoredSubscription } from "./tables";
import type { Timekeeper } from "./timekeeper";

export const SEED_ENDPOINT = "we_simulator";

/**
 * What tests and the control page can make happen. Every method that causes events resolves after
 * the first attempt to deliver each of them; retries go on by themselves.
 */
export class Control {
  constructor(
    private readonly sim: Simulation,
    private readonly time: Timekeeper,
  ) {}

  /** Lets time pass for the simulator and the app, with all that falls due on the way. */
  async advanceClock(distance: Distance): Promise<{ offsetMs: number; now: Date }> {
    await this.time.advance(distance);
    return { offsetMs: this.clockOffsetMs, now: this.now() };
  }

  get clockOffsetMs(): number {
    return this.sim.clock.offsetMs;
  }

  now(): Date {
    return new Date(this.sim.clock.nowMs());
  }

  /** Does on the checkout page what a person would; a declined card is an answer, not an error. */
  async pay(
    sessionId: string,
    { how = "card" }: { how?: WayToPay } = {},
  ): Promise<{ session: StoredSession; declined: boolean }> {
    const session = this.session(sessionId);
    let declined = false;
    try {
      completeCheckout(this.sim, session, how);
    } catch (error) {
      declined = error instanceof StripeFault && error.code === "card_declined";
      if (!declined) {
        throw error;
      }
    }
    await this.settled();
    return { session, declined };
  }

  /** The bank debit of a session that was paid with `later` arrives or fails. */
  async settleDelayedPayment(sessionId: string, outcome: "succeed" | "fail"): Promise<void> {
    settleSession(this.sim, this.session(sessionId), outcome);
    await this.settled();
  }

  /** Declines the next charges of a customer or a subscription. */
  failNextPayment(payerId: string, times = 1): void {
    this.sim.tables.plannedDeclines.set(payerId, times);
    this.sim.changed();
  }

  /** Fails the next call of this kind as Stripe does in an outage: 500, before or after doing it. */
  failNextCall(outage: Outage): void {
    this.sim.outages.plan(outage);
  }

  /** Pays part of an open invoice (minor units): the rest is collected as if nothing had been. */
  async payInvoicePart(invoiceId: string, amount: number): Promise<void> {
    payInvoicePart(this.sim, rowOf(this.sim.tables.invoices, "invoice", invoiceId), amount);
    await this.settled();
  }

  /** Refunds a charge or a payment intent; without an amount, all that is left (minor units). */
  async refund(id: string, amount?: number): Promise<StoredRefund> {
    const refund = refundCharge(this.sim, chargeFor(this.sim, id), { amount });
    await this.settled();
    return refund;
  }

  async failRefund(refundId: string): Promise<void> {
    failRefund(this.sim, rowOf(this.sim.tables.refunds, "refund", refundId));
    await this.settled();
  }

  async dispute(id: string, amount?: number): Promise<StoredDispute> {
    const dispute = disputeCharge(this.sim, chargeFor(this.sim, id), amount);
    await this.settled();
    return dispute;
  }

  winDispute(disputeId: string): Promise<void> {
    return this.closeDispute(disputeId, "won");
  }

  loseDispute(disputeId: string): Promise<void> {
    return this.closeDispute(disputeId, "lost");
  }

  /** Settled before it became one, by leaving the money with the payer. */
  preventDispute(disputeId: string): Promise<void> {
    return this.closeDispute(disputeId, "prevented");
  }

  async appealDispute(disputeId: string): Promise<void> {
    appealDispute(this.sim, rowOf(this.sim.tables.disputes, "dispute", disputeId));
    await this.settled();
  }

  /** `period end` is what the portal does: it sets `cancel_at` only. */
  async cancelSubscription(id: string, when: "now" | "period end"): Promise<void> {
    const subscription = this.subscription(id);
    if (when === "now") {
      endSubscription(this.sim, subscription, "cancellation_requested");
    } else {
      cancelAtPeriodEnd(this.sim, subscription, "portal");
    }
    await this.settled();
  }

  async resumeSubscription(id: string): Promise<void> {
    resumeSubscription(this.sim, this.subscription(id));
    await this.settled();
  }

  async switchPlan(
    id: string,
    priceId: string,
    options: Partial<Omit<PriceSwitch, "price">> = {},
  ): Promise<void> {
    const subscription = this.subscription(id);
    const price = rowOf(this.sim.tables.prices, "price", priceId);
    switchPrice(this.sim, subscription, {
      price,
      quantity: planItem(subscription).quantity ?? 1,
      proration: "always_invoice",
      ...options,
    });
    await this.settled();
  }

  async deleteCustomer(id: string): Promise<void> {
    deleteCustomer(this.sim, id);
    await this.settled();
  }

  deliveries(): readonly Delivery[] {
    return this.sim.deliveries.log;
  }

  /** Leaving `delay` sends what was held back. */
  async setDeliveryMode(mode: DeliveryMode): Promise<void> {
    this.sim.deliveries.mode = mode;
    if (mode !== "delay") {
      this.sim.deliveries.release();
    }
    await this.settled();
  }

  async redeliver(eventId: string): Promise<void> {
    this.sim.deliveries.redeliver(this.event(eventId));
    await this.settled();
  }

  /** Resolves when every first delivery was tried; with `retries` when nothing is left to try. */
  settled(options: { retries?: boolean } = {}): Promise<void> {
    return this.sim.deliveries.settle(options);
  }

  /** All events in the order they happened, or those of one type. */
  listEvents(type?: Stripe.Event["type"]): Stripe.EventBase[] {
    const events = [...this.sim.tables.events.values()];
    return type === undefined ? events : events.filter((event) => event.type === type);
  }

  setWebhookUrl(url: string | null): void {
    const endpoint = rowOf(this.sim.tables.webhookEndpoints, "webhook endpoint", SEED_ENDPOINT);
    endpoint.url = url ?? "";
    endpoint.status = url === null ? "disabled" : "enabled";
    this.sim.changed();
  }

  /** An event, the simulator's or a made-up one, signed as if it were being delivered now. */
  signedPayload(event: string | Stripe.EventBase): SignedPayload {
    const { webhookSecrets, webhookEndpoints } = this.sim.tables;
    const endpoint = rowOf(webhookEndpoints, "webhook endpoint", SEED_ENDPOINT);
    const signed = typeof event === "string" ? asEndpointWants(this.event(event), endpoint) : event;
    return signPayload(signed, webhookSecrets.get(SEED_ENDPOINT) ?? "");
  }

  /** Plans a switch for the period's end, as the portal does for a shorter interval. */
  async planSwitch(id: string, priceId: string): Promise<void> {
    const price = rowOf(this.sim.tables.prices, "price", priceId);
    planSwitch(this.sim, this.subscription(id), price);
    await this.settled();
  }

  private async closeDispute(id: string, outcome: "won" | "lost" | "prevented"): Promise<void> {
    closeDispute(this.sim, rowOf(this.sim.tables.disputes, "dispute", id), outcome);
    await this.settled();
  }

  private session(id: string): StoredSession {
    return rowOf(this.sim.tables.sessions, "checkout.session", id);
  }

  private subscription(id: string): StoredSubscription {
    return rowOf(this.sim.tables.subscriptions, "subscription", id);
  }

  private event(id: string): Stripe.EventBase {
    return rowOf(this.sim.tables.events, "event", id);
  }
}
