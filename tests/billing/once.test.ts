import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { ItemId } from "@/billing/catalog";
import { checkoutStatus } from "@/billing/checkout/checkout-status";
import { backfillEvents } from "@/billing/inbox/backfill-events";
import { handleStripeWebhook } from "@/billing/inbox/receive-event";
import { replayEvent, retryEvents } from "@/billing/inbox/retry-events";
import { chargeOf, loadSession } from "@/billing/purchases/paid-session";
import { createStripe } from "@/integrations/create-stripe";
import { now } from "@/lib/clock";
import { BillingFixture } from "./billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(async () => {
  fixture.isUp = true;
  await fixture.control.setDeliveryMode("normal");
  await fixture.expectBalanced();
});
afterAll(() => fixture.close());

/** The latest event of a type, as Stripe has it. */
function latest(type: "checkout.session.completed" | "invoice.paid") {
  const event = fixture.control.listEvents(type).at(-1);
  if (event === undefined) throw new Error(`no ${type} happened`);
  return event;
}

async function buyUnheard(userId: string, item: ItemId) {
  fixture.isUp = false;
  const sessionId = await fixture.buy(userId, item);
  fixture.isUp = true;
  return sessionId;
}

describe("a payment is granted once", () => {
  it("when its event comes again, at once and a year later", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    const event = latest("checkout.session.completed");
    expect((await fixture.deliver(event)).status).toBe(200);
    await fixture.control.advanceClock({ years: 1 });
    expect((await fixture.deliver(event)).status).toBe(200);
    expect((await fixture.deliver({ ...event, id: "evt_year_later" })).status).toBe(200);
    expect(await fixture.granted(userId)).toBe(100);
    expect(await fixture.payments(userId)).toHaveLength(1);
  });

  it.each(["pack-basic", "pro-yearly", "lifetime"] as const)(
    "when its event for %s comes twenty times at once",
    async (item) => {
      const userId = await fixture.signUp();
      await buyUnheard(userId, item);
      const type = item === "pro-yearly" ? "invoice.paid" : "checkout.session.completed";
      const event = latest(type);
      const answers = await Promise.all(Array.from({ length: 20 }, () => fixture.deliver(event)));
      expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
      expect(await fixture.booked(userId)).toHaveLength(1);
      expect(await fixture.payments(userId)).toHaveLength(1);
    },
  );

  it("when two events with different ids tell of it, also at once", async () => {
    const userId = await fixture.signUp();
    await buyUnheard(userId, "pack-basic");
    const event = latest("checkout.session.completed");
    const twins = ["evt_twin1", "evt_twin2"].map((id) => fixture.deliver({ ...event, id }));
    const statuses = (await Promise.all(twins)).map(({ status }) => status);
    expect(statuses).toEqual([200, 200]);
    expect(await fixture.granted(userId)).toBe(100);
  });

  it.each(["duplicate", "shuffle"] as const)("when deliveries %s", async (mode) => {
    await fixture.control.setDeliveryMode(mode);
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    await fixture.buy(userId, "pro-yearly");
    await fixture.buy(userId, "lifetime");
    await fixture.control.settled();
    expect(await fixture.granted(userId)).toBe(2100);
  });

  it.each([
    ["pack-basic", 100],
    ["lifetime", 1000],
    ["pro-monthly", 1000],
    ["pro-yearly", 1000],
  ] as const)(
    "when the success page of %s asks before, during and after the event",
    async (item, credits) => {
      const userId = await fixture.signUp();
      const sessionId = await buyUnheard(userId, item);
      const ask = () => checkoutStatus(fixture.billing, { userId, sessionId });
      expect(await ask()).toMatchObject({ status: "waiting", credits: 0, available: 120 });
      await fixture.control.advanceClock({ ms: 5_000 });
      const isPlan = item === "pro-monthly" || item === "pro-yearly";
      const event = latest(isPlan ? "invoice.paid" : "checkout.session.completed");
      const [asked, delivered] = await Promise.all([ask(), fixture.deliver(event), ask(), ask()]);
      expect(asked).toMatchObject({ status: "granted", credits, available: 120 + credits });
      expect(delivered.status).toBe(200);
      expect(await ask()).toMatchObject({ status: "granted", credits, available: 120 + credits });
      expect(await fixture.booked(userId)).toHaveLength(1);
      expect(await fixture.payments(userId)).toHaveLength(1);
    },
  );

  it("by the success page alone, for a subscription too", async () => {
    const userId = await fixture.signUp();
    const sessionId = await buyUnheard(userId, "pro-yearly");
    await fixture.control.advanceClock({ ms: 5_000 });
    expect(await checkoutStatus(fixture.billing, { userId, sessionId })).toMatchObject({
      status: "granted",
      credits: 1000,
    });
    await fixture.deliver(latest("invoice.paid"));
    expect(await fixture.granted(userId)).toBe(1000);
  });

  it("and the success page tells a stranger nothing", async () => {
    const [owner, stranger] = [await fixture.signUp(), await fixture.signUp()];
    const sessionId = await fixture.buy(owner, "pack-basic");
    await expect(
      checkoutStatus(fixture.billing, { userId: stranger, sessionId }),
    ).rejects.toMatchObject({ code: "not_found" });
  });

  it("and the success page believes no redirect", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.openCheckout(userId, "pack-basic");
    await fixture.control.advanceClock({ ms: 60_000 });
    expect(await checkoutStatus(fixture.billing, { userId, sessionId })).toMatchObject({
      status: "waiting",
      credits: 0,
    });
    expect(await fixture.granted(userId)).toBe(0);
  });
});

describe("a lifetime's months", () => {
  it.each(["its event", "the success page", "a refund"])(
    "count from its charge, told by %s",
    async (teller) => {
      const userId = await fixture.signUp();
      const sessionId = await fixture.openCheckout(userId, "lifetime");
      await fixture.control.advanceClock({ ms: 2 * 3_600_000 });
      await fixture.control.setDeliveryMode("drop");
      const { session } = await fixture.control.pay(sessionId);
      const intent = String(session.payment_intent);
      const loaded = await loadSession(fixture.billing, sessionId);
      const paidAt = new Date((chargeOf(loaded.session)?.created ?? 0) * 1000);
      await fixture.control.advanceClock({ ms: 3_600_000 });
      await fixture.control.refund(intent, 100);
      await fixture.control.setDeliveryMode("normal");
      if (teller === "the success page")
        await checkoutStatus(fixture.billing, { userId, sessionId });
      else if (teller === "a refund") await fixture.deliver(fixture.latest("charge.refunded"));
      else await fixture.deliver({ ...latest("checkout.session.completed"), created: 1 });
      expect((await fixture.payments(userId))[0]).toMatchObject({ paidAt, memberFromAt: paidAt });
      const [schedule] = await fixture.database.ownerSql<{ anchor_at: Date }[]>`
        select anchor_at from credit_schedule where user_id = ${userId} and kind = 'lifetime'`;
      expect(schedule?.anchor_at).toEqual(paidAt);
    },
  );
});

describe("an error", () => {
  /** Makes the ledger's grant fail in the database until it is mended. */
  const breakGrants = () =>
    fixture.database.ownerSql.unsafe(
      "alter table credit_transaction add constraint broken check (type <> 'PURCHASE_PACKAGE') not valid",
    );
  const mendGrants = () =>
    fixture.database.ownerSql.unsafe("alter table credit_transaction drop constraint broken");

  it("of the database answers 500, keeps nothing half done, and the retry grants once", async () => {
    const userId = await fixture.signUp();
    await buyUnheard(userId, "pack-basic");
    const event = latest("checkout.session.completed");
    await breakGrants();
    expect((await fixture.deliver(event)).status).toBe(500);
    expect(await fixture.event(event.id)).toMatchObject({ status: "pending", attempts: 1 });
    expect(await fixture.payments(userId)).toEqual([]);
    await mendGrants();
    expect((await fixture.deliver(event)).status).toBe(200);
    expect((await fixture.deliver(event)).status).toBe(200);
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("is healed by our own retry job when Stripe does not try again", async () => {
    const userId = await fixture.signUp();
    await buyUnheard(userId, "pack-basic");
    const event = latest("checkout.session.completed");
    await breakGrants();
    await fixture.deliver(event);
    await mendGrants();
    await retryEvents(fixture.billing);
    expect(await fixture.granted(userId)).toBe(0);
    await fixture.control.advanceClock({ ms: 2 * 60_000 });
    await retryEvents(fixture.billing);
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("that lasts makes the event dead after 8 attempts over a day, and replay grants once", async () => {
    const userId = await fixture.signUp();
    await buyUnheard(userId, "pack-basic");
    const event = latest("checkout.session.completed");
    await breakGrants();
    for (let attempt = 0; attempt < 12; attempt += 1) await fixture.deliver(event);
    expect(await fixture.event(event.id)).toMatchObject({ status: "pending", attempts: 12 });
    await fixture.control.advanceClock({ days: 1 });
    expect((await fixture.deliver(event)).status).toBe(200);
    expect(await fixture.event(event.id)).toMatchObject({ status: "dead", attempts: 13 });
    await mendGrants();
    expect((await fixture.deliver(event)).status).toBe(200);
    expect(await fixture.granted(userId)).toBe(0);
    expect(await replayEvent(fixture.billing, event.id)).toBe("handled");
    expect(await replayEvent(fixture.billing, event.id)).toBe("handled");
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("that needs a person raises one alert", async () => {
    const userId = await fixture.signUp();
    await buyUnheard(userId, "pack-basic");
    const event = { ...latest("checkout.session.completed"), api_version: "2020-08-27" };
    await fixture.deliver(event);
    await fixture.deliver(event);
    const today = now().toISOString().slice(0, 10);
    expect(await fixture.alerts(`stripe-event:${event.id}`)).toEqual([
      `stripe-event:${event.id}:${today}`,
    ]);
  });

  it("that needs a person is not closed as dead without its alert", async () => {
    const userId = await fixture.signUp();
    await buyUnheard(userId, "pack-basic");
    const event = { ...latest("checkout.session.completed"), api_version: "2020-08-27" };
    const { ownerSql } = fixture.database;
    await ownerSql`alter table outbox add constraint closed check (kind <> 'alert') not valid`;
    expect((await fixture.deliver(event)).status).toBe(500);
    expect(await fixture.event(event.id)).toMatchObject({ status: "pending", attempts: 1 });
    await ownerSql`alter table outbox drop constraint closed`;
    expect((await fixture.deliver(event)).status).toBe(200);
    expect(await fixture.event(event.id)).toMatchObject({ status: "dead" });
    expect(await fixture.alerts(`stripe-event:${event.id}`)).toHaveLength(1);
  });

  it("that kills a replayed event on another day raises another alert", async () => {
    const userId = await fixture.signUp();
    await buyUnheard(userId, "pack-basic");
    const event = { ...latest("checkout.session.completed"), api_version: "2020-08-27" };
    await fixture.deliver(event);
    await breakGrants();
    await replayEvent(fixture.billing, event.id);
    for (let attempt = 1; attempt < 8; attempt += 1) await fixture.deliver(event);
    await fixture.control.advanceClock({ days: 1, ms: 60_000 });
    await fixture.deliver(event);
    await mendGrants();
    expect(await fixture.event(event.id)).toMatchObject({ status: "dead" });
    const alerts = await fixture.alerts(`stripe-event:${event.id}`);
    expect(new Set(alerts).size).toBe(2);
  });

  it("of Stripe while handling leaves the event pending", async () => {
    const userId = await fixture.signUp();
    await buyUnheard(userId, "pack-basic");
    const event = latest("checkout.session.completed");
    const unreachable = createStripe({
      secretKey: "sk_test_x",
      apiBase: "http://127.0.0.1:9",
      maxNetworkRetries: 0,
    });
    const { body, header } = fixture.control.signedPayload(event);
    const request = new Request("http://localhost/", {
      method: "POST",
      body,
      headers: { "stripe-signature": header },
    });
    const answer = await handleStripeWebhook({ ...fixture.billing, stripe: unreachable }, request);
    expect(answer.status).toBe(500);
    expect(await fixture.event(event.id)).toMatchObject({ status: "pending", attempts: 1 });
    await fixture.deliver(event);
    expect(await fixture.granted(userId)).toBe(100);
  });
});

describe("events that never arrived", () => {
  it("are found at Stripe and handled", async () => {
    await fixture.control.setDeliveryMode("drop");
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    await fixture.buy(userId, "pro-yearly");
    expect(await fixture.granted(userId)).toBe(0);
    const { backfilled } = await backfillEvents(fixture.billing);
    expect(backfilled).toBeGreaterThan(0);
    expect(await fixture.granted(userId)).toBe(1100);
    expect(await backfillEvents(fixture.billing)).toEqual({ backfilled: 0, complete: true });
  });
});
