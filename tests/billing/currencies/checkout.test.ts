import { millisecondsInHour, millisecondsInMinute } from "date-fns/constants";
import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { readRevenue } from "@/admin/reports/sales";
import { ensureCustomer } from "@/billing/checkout/customer";
import { CurrencyBound, CurrencyUnavailable } from "@/billing/errors";
import { getMembership } from "@/billing/queries";
import { CURRENCIES, findItem, ITEMS } from "@/catalog/items";
import { checkoutSession, payment } from "@/db/schema";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

vi.mock("@/catalog/catalog", () => import("./catalog"));

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.expectBalanced());
afterAll(() => fixture.close());

const sessionAtStripe = (id: string) => fixture.billing.stripe.checkout.sessions.retrieve(id);
const statusAtStripe = async (id: string) => (await sessionAtStripe(id)).status;
const amountOf = (item: string, currency: string) => findItem(item)?.amounts[currency];

/** Opens a page in a currency and pays there. */
async function buyIn(currency: string, userId: string, item: string): Promise<string> {
  const sessionId = await fixture.openCheckout(userId, item, { currency });
  await fixture.control.pay(sessionId);
  return sessionId;
}

describe("createCheckout", () => {
  it.each(CURRENCIES)("charges the catalogue's amount for every item in %s", async (currency) => {
    const userId = await fixture.signUp();
    for (const item of ITEMS) {
      const id = await fixture.openCheckout(userId, item.id, { currency });
      expect(await sessionAtStripe(id)).toMatchObject({
        currency,
        amount_total: item.amounts[currency],
        adaptive_pricing: { enabled: false },
      });
    }
  });

  it.each(CURRENCIES)("records what was paid for each kind of item in %s", async (currency) => {
    for (const item of ["plus-yearly", "founder", "pack-barrel"]) {
      const userId = await fixture.signUp();
      await buyIn(currency, userId, item);
      expect(await fixture.payments(userId)).toMatchObject([
        { item, currency, amountCents: amountOf(item, currency) },
      ]);
    }
  });

  it("uses the catalogue's currency unless the client names another one", async () => {
    const userId = await fixture.signUp();
    const session = await sessionAtStripe(await fixture.openCheckout(userId, "pack-sip"));
    expect(session).toMatchObject({ currency: "usd", amount_total: 400 });
  });

  it.each(["eur", "JPY", "", "toString"])("refuses the currency %j", async (currency) => {
    const userId = await fixture.signUp();
    const refused = fixture.openCheckout(userId, "pack-sip", { currency });
    await expect(refused).rejects.toBeInstanceOf(CurrencyUnavailable);
  });

  it("returns an open page only in the same currency", async () => {
    const userId = await fixture.signUp();
    const open = (currency: string) => fixture.openCheckout(userId, "pack-sip", { currency });
    const yen = await open("jpy");
    expect(await open("jpy")).toBe(yen);
    expect(await open("cny")).not.toBe(yen);
  });

  it("closes the buyer's own page in another currency and opens the new one", async () => {
    const userId = await fixture.signUp();
    const first = await fixture.openCheckout(userId, "max-monthly", { currency: "jpy" });
    const second = await fixture.openCheckout(userId, "max-monthly", { currency: "cny" });
    expect([await statusAtStripe(first), await statusAtStripe(second)]).toEqual([
      "expired",
      "open",
    ]);
    expect(await fixture.alerts("checkout-refused:max-monthly:")).toEqual([]);
  });

  it("names the currency to which Stripe binds the customer, and creates no second customer", async () => {
    const userId = await fixture.signUp();
    const customer = await ensureCustomer(fixture.billing, userId);
    const binding = await fixture.openForeignSession({
      mode: "subscription",
      customer,
      line_items: [{ price: "price_foreign_monthly", quantity: 1 }],
    });
    const open = () => fixture.openCheckout(userId, "max-monthly", { currency: "cny" });
    const refused = open();
    await expect(refused).rejects.toMatchObject({ details: { currency: "USD" } });
    await expect(refused).rejects.toBeInstanceOf(CurrencyBound);
    const recorded = fixture.db
      .select()
      .from(checkoutSession)
      .where(eq(checkoutSession.userId, userId));
    expect(await recorded).toEqual([]);
    expect(await fixture.alerts("checkout-refused:max-monthly:")).toHaveLength(1);
    await fixture.billing.stripe.checkout.sessions.expire(binding);
    // Stripe replays a refusal under the same idempotency key, and ours changes every minute.
    await fixture.control.advanceClock({ ms: millisecondsInMinute });
    expect(await statusAtStripe(await open())).toBe("open");
    expect(await ensureCustomer(fixture.billing, userId)).toBe(customer);
  });

  it("sells a pack in a currency other than the running subscription's", async () => {
    const userId = await fixture.signUp();
    await buyIn("jpy", userId, "max-monthly");
    await buyIn("cny", userId, "pack-sip");
    const payments = await fixture.payments(userId);
    expect(payments.map(({ currency, amountCents }) => [currency, amountCents])).toEqual([
      ["jpy", amountOf("max-monthly", "jpy")],
      ["cny", amountOf("pack-sip", "cny")],
    ]);
  });
});

describe("a subscription in a chosen currency", () => {
  it("is shown at its price and binds its owner to its currency until it ends", async () => {
    const userId = await fixture.signUp();
    const membership = () => getMembership(fixture.db, { userId, at: now() });
    expect(await membership()).toMatchObject({ terms: null, boundCurrency: null });
    const id = await fixture.subscriptionOf(await buyIn("jpy", userId, "max-monthly"));
    const price = { amountCents: amountOf("max-monthly", "jpy"), currency: "jpy" };
    expect(await membership()).toMatchObject({ terms: price, boundCurrency: "jpy" });
    await fixture.billing.stripe.subscriptions.cancel(id);
    await fixture.control.settled();
    expect(await membership()).toMatchObject({ terms: null, boundCurrency: null });
  });

  it("renews and is refunded in it", async () => {
    const userId = await fixture.signUp();
    await buyIn("jpy", userId, "plus-monthly");
    await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
    const [, renewal] = await fixture.payments(userId);
    expect(renewal).toMatchObject({ currency: "jpy", amountCents: 750, credits: 300 });
    await fixture.control.refund(renewal?.paymentIntentId ?? "", 250);
    expect((await fixture.payments(userId))[1]).toMatchObject({ refundedCents: 250 });
    expect(await fixture.granted(userId)).toBe(300 + 200);
  });

  it("is switched in it", async () => {
    const userId = await fixture.signUp();
    const sessionId = await buyIn("kwd", userId, "plus-monthly");
    const id = await fixture.subscriptionOf(sessionId);
    await fixture.control.switchPlan(id, await fixture.priceOf("plus-yearly"));
    const { currency, amountCents } = (await fixture.payments(userId)).at(-1) ?? expect.fail();
    expect([currency, amountCents]).toEqual(["kwd", 15_000 - 1500]);
  });
});

describe("readRevenue", () => {
  it("sums payments and refunds per currency and never adds two currencies", async () => {
    const all = await fixture.db.select().from(payment);
    const period = { from: new Date(0), to: new Date("2100-01-01T00:00:00Z") };
    const revenue = await readRevenue(fixture.db, period);
    expect(revenue.map(({ currency }) => currency).toSorted()).toEqual(CURRENCIES.toSorted());
    for (const { currency, ...sums } of revenue) {
      const paid = all.filter((one) => one.currency === currency);
      const sum = (of: (one: (typeof paid)[number]) => number) =>
        paid.reduce((total, one) => total + of(one), 0);
      expect(sums).toEqual({
        payments: paid.length,
        amountCents: sum(({ amountCents }) => amountCents),
        refundedCents: sum(({ refundedCents }) => refundedCents),
        disputedCents: 0,
      });
    }
    const yen = revenue.find(({ currency }) => currency === "jpy");
    expect(yen?.refundedCents).toBe(250);
  });
});
