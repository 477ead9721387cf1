import { getMembership } from "@/billing/queries";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

/** A billing fixture with what the tests of switches need. Mock the catalogue with tiers-catalog.ts. */
export class SwitchFixture {
  private constructor(readonly billing: BillingFixture) {}

  static async create(): Promise<SwitchFixture> {
    return new SwitchFixture(await BillingFixture.create());
  }

  get control() {
    return this.billing.control;
  }

  get stripe() {
    return this.billing.billing.stripe;
  }

  /** A new user with a paid subscription. */
  async subscribe(item: string) {
    const userId = await this.billing.signUp();
    const id = await this.billing.subscriptionOf(await this.billing.buy(userId, item));
    return new Subscriber(this, userId, id);
  }

  /** Grants the months that are due. */
  async distribute(): Promise<void> {
    await distributeCredits(this.billing.db, { now: now(), deadlineMs: Number.POSITIVE_INFINITY });
  }
}

/** A user with a subscription. */
export class Subscriber {
  constructor(
    private readonly fixture: SwitchFixture,
    readonly userId: string,
    readonly subscriptionId: string,
  ) {}

  /** Switches at once, as the portal does for an upgrade. */
  async switchTo(item: string): Promise<void> {
    const price = await this.fixture.billing.priceOf(item);
    await this.fixture.control.switchPlan(this.subscriptionId, price);
  }

  /** The subscription's first item at Stripe. */
  async item() {
    const { items } = await this.subscription();
    const [item] = items.data;
    if (item === undefined) throw new Error("The subscription has no item.");
    return item;
  }

  async subscription() {
    return this.fixture.stripe.subscriptions.retrieve(this.subscriptionId);
  }

  membership() {
    return getMembership(this.fixture.billing.db, { userId: this.userId, at: now() });
  }

  /** The amounts of all grants for paid plans, in booking order. */
  async grants(): Promise<number[]> {
    const rows = await this.fixture.billing.booked(this.userId);
    return rows.filter(({ amount }) => amount > 0).map(({ amount }) => amount);
  }

  payments() {
    return this.fixture.billing.payments(this.userId);
  }

  /** The latest payment. */
  async lastPayment() {
    const last = (await this.payments()).at(-1);
    if (last === undefined) throw new Error("There is no payment.");
    return last;
  }

  /** The latest invoice at Stripe. */
  async lastInvoice() {
    const { subscriptionId: subscription } = this;
    const [invoice] = (await this.fixture.stripe.invoices.list({ subscription, limit: 1 })).data;
    if (invoice === undefined) throw new Error("There is no invoice.");
    return invoice;
  }

  /** Refunds the latest payment at Stripe, by default whole. */
  async refundLast(share = 1): Promise<void> {
    const { paymentIntentId, amountCents } = await this.lastPayment();
    await this.refund(paymentIntentId, share === 1 ? undefined : Math.round(amountCents * share));
  }

  async refund(paymentIntentId: string | null, amount?: number) {
    const refund = await this.fixture.control.refund(paymentIntentId ?? "", amount);
    await this.fixture.billing.deliverCalls();
    return refund;
  }
}

/** The rest of a month at an instant, as a share of it. Instants are Unix seconds. */
export function shareLeft(at: number, month: { start: number; end: number }): number {
  return (month.end - at) / (month.end - month.start);
}
