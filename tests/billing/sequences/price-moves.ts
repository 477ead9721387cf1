import { addDays, subDays } from "date-fns";
import type Stripe from "stripe";
import { expect } from "vitest";
import type { BillingDeps } from "@/billing/deps";
import { enqueuePriceChanges } from "@/billing/price-changes/apply-price-change";
import { migratePlan } from "@/billing/price-changes/migrate-plan";
import { runStripeCalls } from "@/billing/stripe/run-stripe-calls";
import { catalogPrice } from "@/db/schema";
import { deliverEmails } from "@/emails/deliver-emails";
import { now } from "@/lib/clock";
import { simulatorPrices } from "../../../dev/laptop/simulator-prices";
import { recordingEmailProvider } from "../../emails/email-fixture";
import type { BillingFixture } from "../billing-fixture";

/** The second version of the prices of pro. Buyers get the first; a migration moves subscribers. */
const NEXT_VERSION = [
  { of: "price_pro_monthly", item: "pro-monthly", interval: "month", cents: 1290 },
  { of: "price_pro_yearly", item: "pro-yearly", interval: "year", cents: 12900 },
] as const;
export const NEXT_CREDITS = 1500;

/** How long before a renewal the tick changes the price. */
const BEFORE_RENEWAL_DAYS = 3;

export const nextPrices = () =>
  NEXT_VERSION.flatMap(({ of, interval, cents: unitAmountCents }) =>
    simulatorPrices()
      .filter(({ id }) => id === of)
      .map(({ productId, productName, currency }) => {
        const id = nextVersionOf(of);
        return { id, productId, productName, currency, interval, unitAmountCents };
      }),
  );

const nextVersionOf = (priceId: string) => `${priceId}_2`;

/** When a scheduled move may take place, and the price that it leaves. */
interface Scheduled {
  readonly priceId: string;
  readonly noticeEndsAt: Date;
}

/**
 * Migrations between the versions of a price. Computes from Stripe's state alone which subscriptions a
 * tick must move, and checks that it moves these and no others.
 */
export class PriceMoves {
  readonly #scheduled = new Map<string, Scheduled>();

  private constructor(private readonly fixture: BillingFixture) {}

  /** Stores the terms of both versions. */
  static async create(fixture: BillingFixture): Promise<PriceMoves> {
    for (const { item } of NEXT_VERSION) await fixture.priceOf(item);
    await fixture.db.insert(catalogPrice).values(
      NEXT_VERSION.map(({ of, item, interval, cents }) => ({
        priceId: nextVersionOf(of),
        currency: "usd",
        kind: "subscription" as const,
        owner: "pro",
        tier: 1,
        item,
        interval,
        version: 2,
        amount: cents,
        credits: NEXT_CREDITS,
        createdAt: now(),
      })),
    );
    return new PriceMoves(fixture);
  }

  /** Schedules the move of the customer's subscription. Every event must have arrived. */
  async migrate(billing: BillingDeps, noticeDays: number): Promise<void> {
    const at = billing.clock();
    const movable = (await this.#live()).filter(
      (one) => renews(one) && NEXT_VERSION.some(({ of }) => of === priceOf(one)),
    );
    const added = movable.filter((one) => this.#scheduled.get(one.id)?.priceId !== priceOf(one));
    const options = { plan: "pro", from: 1, to: 2, noticeDays, dryRun: false };
    const { scheduled, already, failed } = await migratePlan(billing, options);
    expect({ scheduled, already, failed }).toEqual({
      scheduled: added.length,
      already: movable.length - added.length,
      failed: [],
    });
    for (const one of added) {
      const noticeEndsAt = addDays(at, noticeDays);
      this.#scheduled.set(one.id, { priceId: priceOf(one), noticeEndsAt });
    }
    await this.#sendEmails(billing);
  }

  /** Runs the tick's jobs about price changes. A move charges nothing. Every event must have arrived. */
  async tick(billing: BillingDeps): Promise<void> {
    const at = billing.clock();
    const before = await this.#live();
    for (const one of before) {
      const isLeft = this.#scheduled.get(one.id)?.priceId !== priceOf(one);
      if (isLeft) this.#scheduled.delete(one.id);
    }
    const expected = before.map((one) => [
      one.id,
      this.#isDue(one, at) ? nextVersionOf(priceOf(one)) : priceOf(one),
    ]);
    const invoices = await this.#countInvoices();
    await enqueuePriceChanges(this.fixture.db, at);
    await runStripeCalls(billing);
    const after = await this.#live();
    expect(after.map((one) => [one.id, priceOf(one)])).toEqual(expected);
    expect(await this.#countInvoices()).toBe(invoices);
  }

  #isDue(one: Stripe.Subscription, at: Date): boolean {
    const scheduled = this.#scheduled.get(one.id);
    if (scheduled === undefined || !renews(one)) return false;
    const renewsAt = new Date((one.items.data[0]?.current_period_end ?? 0) * 1000);
    const isNear = renewsAt > at && subDays(renewsAt, BEFORE_RENEWAL_DAYS) <= at;
    return isNear && renewsAt >= scheduled.noticeEndsAt;
  }

  /** Nobody is moved before the email about it is sent. */
  async #sendEmails({ db, clock }: BillingDeps): Promise<void> {
    const { emailProvider } = recordingEmailProvider();
    await deliverEmails(db, { emailProvider, now: clock() });
  }

  async #countInvoices(): Promise<number> {
    const { invoices } = this.fixture.billing.stripe;
    return (await invoices.list({ limit: 100 }).autoPagingToArray({ limit: 1000 })).length;
  }

  async #live(): Promise<Stripe.Subscription[]> {
    const { data } = await this.fixture.billing.stripe.subscriptions.list({ limit: 100 });
    return data;
  }
}

function renews({ status, cancel_at, cancel_at_period_end, schedule }: Stripe.Subscription) {
  const isCharged = status === "active" || status === "past_due";
  return isCharged && cancel_at === null && !cancel_at_period_end && schedule === null;
}

function priceOf({ items }: Stripe.Subscription): string {
  return items.data[0]?.price.id ?? "";
}
