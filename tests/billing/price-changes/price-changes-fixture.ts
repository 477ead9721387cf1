import { differenceInMonths } from "date-fns";
import { asc, eq } from "drizzle-orm";
import { ensureCustomer } from "@/billing/checkout/customer";
import type { BillingDeps } from "@/billing/deps";
import { enqueuePriceChanges } from "@/billing/price-changes/apply-price-change";
import { type MigrationOptions, migratePlan } from "@/billing/price-changes/migrate-plan";
import { catalogPrice, outbox, priceChange } from "@/db/schema";
import { deliverEmails } from "@/emails/deliver-emails";
import { storedEmail } from "@/emails/email-content";
import type { OutgoingEmail } from "@/emails/email-provider";
import { now } from "@/lib/clock";
import { recordingEmailProvider } from "../../emails/email-fixture";
import { BillingFixture } from "../billing-fixture";

interface Offer {
  readonly version: number;
  readonly credits: number;
  /** Minor units by currency; the first is the price's own. */
  readonly amounts: Readonly<Record<string, number>>;
  readonly interval?: "month" | "year";
  readonly graceHours?: number;
}

interface Order {
  readonly quantity?: number;
  readonly trialDays?: number;
  readonly currency?: string;
}

/** Plans with versions of their prices, subscribers, and the migration between versions. */
export class PriceChangesFixture {
  readonly announced: OutgoingEmail[] = [];
  private plans = 0;

  private constructor(readonly billing: BillingFixture) {}

  static async create(): Promise<PriceChangesFixture> {
    return new PriceChangesFixture(await BillingFixture.create());
  }

  /** A plan of its own for each test, because a migration moves all subscribers of a plan. */
  newPlan(): string {
    this.plans += 1;
    return `plan${this.plans}`;
  }

  /** Creates a price at Stripe and stores its terms. Returns its id. */
  async sell(plan: string, offer: Offer) {
    const { version, credits, amounts, interval = "month", graceHours = null } = offer;
    const { stripe } = this.billing.billing;
    const [[currency, amount] = ["usd", 0], ...others] = Object.entries(amounts);
    const { id: priceId } = await stripe.prices.create({
      product: "qiflow_pro",
      currency,
      unit_amount: amount,
      currency_options: Object.fromEntries(
        others.map(([other, unit_amount]) => [other, { unit_amount }]),
      ),
      recurring: { interval },
    });
    const item = `${plan}-${interval === "month" ? "monthly" : "yearly"}`;
    const sold = { kind: "subscription", owner: plan, tier: 1, interval, item, version } as const;
    await this.billing.db.insert(catalogPrice).values(
      Object.entries(amounts).map(([of, cents]) => ({
        ...sold,
        priceId,
        currency: of,
        amount: cents,
        credits,
        graceHours,
        createdAt: now(),
      })),
    );
    return priceId;
  }

  /** Sells two versions: 600 credits for 7.90 a month, then 800 for 11.90. */
  async sellTwoVersions(plan: string, interval: "month" | "year" = "month") {
    const times = interval === "month" ? 1 : 10;
    const old = { version: 1, credits: 600, amounts: { usd: 790 * times }, interval };
    const next = { version: 2, credits: 800, amounts: { usd: 1190 * times }, interval };
    return { from: await this.sell(plan, old), to: await this.sell(plan, next) };
  }

  /** Subscribes a new user to a price. */
  async subscribe(priceId: string, order: Order = {}) {
    const { userId, sessionId } = await this.openSession(priceId, order);
    await this.billing.control.pay(sessionId);
    return { userId, subscriptionId: await this.billing.subscriptionOf(sessionId) };
  }

  /** Opens a new user's payment page for a price. */
  async openSession(priceId: string, { quantity = 1, trialDays, currency }: Order = {}) {
    const userId = await this.billing.signUp();
    const sessionId = await this.billing.openForeignSession({
      mode: "subscription",
      customer: await ensureCustomer(this.billing.billing, userId),
      line_items: [{ price: priceId, quantity }],
      ...(currency !== undefined && { currency }),
      subscription_data: {
        metadata: { userId },
        ...(trialDays !== undefined && { trial_period_days: trialDays }),
      },
    });
    return { userId, sessionId };
  }

  migrate(
    plan: string,
    options: Partial<MigrationOptions> = {},
    billing: BillingDeps = this.billing.billing,
  ) {
    const given = { plan, from: 1, to: 2, noticeDays: 30, dryRun: false, ...options };
    return migratePlan(billing, given);
  }

  /** What a tick does: emails, due changes, Stripe calls. */
  async tick(): Promise<void> {
    const { db } = this.billing;
    const { emailProvider, emails } = recordingEmailProvider();
    await deliverEmails(db, { emailProvider, now: now() });
    this.announced.push(
      ...emails.filter(({ idempotencyKey: key }) => key.includes("price-change")),
    );
    await enqueuePriceChanges(db, now());
    await this.billing.deliverCalls();
  }

  /** Advances the clock, then ticks. */
  async advance(days: number): Promise<void> {
    await this.billing.control.advanceClock({ days });
    await this.tick();
  }

  /** The changes of a subscription, oldest first. */
  changesOf(subscriptionId: string) {
    return this.billing.db
      .select()
      .from(priceChange)
      .where(eq(priceChange.subscriptionId, subscriptionId))
      .orderBy(asc(priceChange.createdAt));
  }

  /** A user's outbox entries about price changes: email or stripe. */
  async entriesOf(userId: string): Promise<string[]> {
    const rows = await this.billing.db.select().from(outbox).where(eq(outbox.userId, userId));
    return rows
      .filter(({ idempotencyKey }) => idempotencyKey.includes("price-change"))
      .map(({ kind }) => kind)
      .sort();
  }

  /** The prices and quantities of a subscription at Stripe. */
  async itemsOf(subscriptionId: string) {
    const { items } = await this.billing.billing.stripe.subscriptions.retrieve(subscriptionId);
    return items.data.map(({ price, quantity }) => ({ priceId: price.id, quantity }));
  }

  /** The facts of the emails to a user about price changes. */
  async announcementsTo(userId: string): Promise<unknown[]> {
    const rows = await this.billing.db.select().from(outbox).where(eq(outbox.userId, userId));
    return rows
      .filter(({ idempotencyKey }) => idempotencyKey.startsWith("email:price-change"))
      .map(({ payload }) => storedEmail.parse(payload).props);
  }

  /** How many months an instant is after a subscription's next renewal. */
  async monthsUntil(subscriptionId: string, at: Date | undefined): Promise<number> {
    const { items } = await this.billing.billing.stripe.subscriptions.retrieve(subscriptionId);
    const renewsAt = new Date((items.data[0]?.current_period_end ?? 0) * 1000);
    return differenceInMonths(at ?? 0, renewsAt);
  }

  /** What a user paid and was granted for each period: minor units and credits. */
  async periodsOf(userId: string) {
    const payments = await this.billing.payments(userId);
    return payments.map(({ amountCents, credits }) => [amountCents, credits]);
  }

  close() {
    return this.billing.close();
  }
}
