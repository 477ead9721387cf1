import { millisecondsInHour } from "date-fns/constants";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { checkoutStatus } from "@/billing/checkout/checkout-status";
import { backfillEvents } from "@/billing/inbox/backfill-events";
import { handleStripeWebhook } from "@/billing/inbox/receive-event";
import { replayEvent, retryEvents } from "@/billing/inbox/retry-events";
import { chargeOf, loadSession } from "@/billing/purchases/paid-session";
import { createStripe } from "@/integrations/create-stripe";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

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

/** The latest event of a type at Stripe. */
function latest(type: "checkout.session.completed" | "invoice.paid") {
  const event = fixture.control.listEvents(type).at(-1);
  if (event === undefined) throw new Error(`there is no ${type} event`);
  return event;
}

async function buyUndelivered(userId: string, item: string) {
  fixture.isUp = false;
  const sessionId = await fixture.buy(userId, item);
  fixture.isUp = true;
  return sessionId;
}

describe("a payment", () => {
  it("is granted once when its event arrives again immediately and a year later", async () => {
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
    "is granted once when its event for %s arrives twenty times at once",
    async (item) => {
      const userId = await fixture.signUp();
      await buyUndelivered(userId, item);
      const type = item === "pro-yearly" ? "invoice.paid" : "checkout.session.completed";
      const event = latest(type);
      const responses = await Promise.all(Array.from({ length: 20 }, () => fixture.deliver(event)));
      expect(responses.map(({ status }) => status)).toEqual(Array(20).fill(200));
      expect(await fixture.booked(userId)).toHaveLength(1);
      expect(await fixture.payments(userId)).toHaveLength(1);
    },
  );

  it("is granted once when two concurrent events have different ids", async () => {
    const userId = await fixture.signUp();
    await buyUndelivered(userId, "pack-basic");
    const event = latest("checkout.session.completed");
    const twins = ["evt_twin1", "evt_twin2"].map((id) => fixture.deliver({ ...event, id }));
    const statuses = (await Promise.all(twins)).map(({ status }) => status);
    expect(statuses).toEqual([200, 200]);
    expect(await fixture.granted(userId)).toBe(100);
  });

  it.each(["duplicate", "shuffle"] as const)(
    "is granted once in delivery mode %s",
    async (mode) => {
      await fixture.control.setDeliveryMode(mode);
      const userId = await fixture.signUp();
      await fixture.buy(userId, "pack-basic");
      await fixture.buy(userId, "pro-yearly");
      await fixture.buy(userId, "lifetime");
      await fixture.control.settled();
      expect(await fixture.granted(userId)).toBe(2100);
    },
  );

  it.each([
    ["pack-basic", 100],
    ["lifetime", 1000],
    ["pro-monthly", 1000],
    ["pro-yearly", 1000],
  ] as const)(
    "is granted once when the success page of %s polls before, during and after the event",
    async (item, credits) => {
      const userId = await fixture.signUp();
      const sessionId = await buyUndelivered(userId, item);
      const readStatus = () => checkoutStatus(fixture.billing, { userId, sessionId });
      expect(await readStatus()).toMatchObject({ status: "waiting", credits: 0, available: 120 });
      await fixture.control.advanceClock({ ms: 5_000 });
      const isPlan = item === "pro-monthly" || item === "pro-yearly";
      const event = latest(isPlan ? "invoice.paid" : "checkout.session.completed");
      const [result, delivered] = await Promise.all([
        readStatus(),
        fixture.deliver(event),
        readStatus(),
        readStatus(),
      ]);
      expect(result).toMatchObject({ status: "granted", credits, available: 120 + credits });
      expect(delivered.status).toBe(200);
      expect(await readStatus()).toMatchObject({
        status: "granted",
        credits,
        available: 120 + credits,
      });
      expect(await fixture.booked(userId)).toHaveLength(1);
      expect(await fixture.payments(userId)).toHaveLength(1);
    },
  );

  it("is granted by the success page alone for a subscription", async () => {
    const userId = await fixture.signUp();
    const sessionId = await buyUndelivered(userId, "pro-yearly");
    await fixture.control.advanceClock({ ms: 5_000 });
    expect(await checkoutStatus(fixture.billing, { userId, sessionId })).toMatchObject({
      status: "granted",
      credits: 1000,
    });
    await fixture.deliver(latest("invoice.paid"));
    expect(await fixture.granted(userId)).toBe(1000);
  });
});

describe("checkoutStatus", () => {
  it("throws NotFound for another user's session", async () => {
    const [owner, stranger] = [await fixture.signUp(), await fixture.signUp()];
    const sessionId = await fixture.buy(owner, "pack-basic");
    await expect(
      checkoutStatus(fixture.billing, { userId: stranger, sessionId }),
    ).rejects.toMatchObject({ code: "not_found" });
  });

  it("reports waiting after a redirect without payment", async () => {
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
    "count from the charge when %s arrives first",
    async (first) => {
      const userId = await fixture.signUp();
      const sessionId = await fixture.openCheckout(userId, "lifetime");
      await fixture.control.advanceClock({ ms: 2 * millisecondsInHour });
      await fixture.control.setDeliveryMode("drop");
      const { session } = await fixture.control.pay(sessionId);
      const intent = String(session.payment_intent);
      const loaded = await loadSession(fixture.billing, sessionId);
      const paidAt = new Date((chargeOf(loaded.session)?.created ?? 0) * 1000);
      await fixture.control.advanceClock({ ms: millisecondsInHour });
      await fixture.control.refund(intent, 100);
      await fixture.control.setDeliveryMode("normal");
      if (first === "the success page")
        await checkoutStatus(fixture.billing, { userId, sessionId });
      else if (first === "a refund") await fixture.deliver(fixture.latest("charge.refunded"));
      else await fixture.deliver({ ...latest("checkout.session.completed"), created: 1 });
      expect((await fixture.payments(userId))[0]).toMatchObject({ paidAt, memberFromAt: paidAt });
      const [schedule] = await fixture.database.ownerSql<{ anchor_at: Date }[]>`
        select anchor_at from credit_schedule where user_id = ${userId} and kind = 'lifetime'`;
      expect(schedule?.anchor_at).toEqual(paidAt);
    },
  );
});

describe("a failing event", () => {
  /** Makes the ledger's grants fail in the database until `repairGrants`. */
  const breakGrants = () =>
    fixture.database.ownerSql.unsafe(
      "alter table credit_transaction add constraint broken check (type <> 'PURCHASE_PACKAGE') not valid",
    );
  const repairGrants = () =>
    fixture.database.ownerSql.unsafe("alter table credit_transaction drop constraint broken");

  it("returns 500 and commits nothing; the retry grants once", async () => {
    const userId = await fixture.signUp();
    await buyUndelivered(userId, "pack-basic");
    const event = latest("checkout.session.completed");
    await breakGrants();
    expect((await fixture.deliver(event)).status).toBe(500);
    expect(await fixture.event(event.id)).toMatchObject({ status: "pending", attempts: 1 });
    expect(await fixture.payments(userId)).toEqual([]);
    await repairGrants();
    expect((await fixture.deliver(event)).status).toBe(200);
    expect((await fixture.deliver(event)).status).toBe(200);
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("is retried by our own job when Stripe does not retry", async () => {
    const userId = await fixture.signUp();
    await buyUndelivered(userId, "pack-basic");
    const event = latest("checkout.session.completed");
    await breakGrants();
    await fixture.deliver(event);
    await repairGrants();
    await retryEvents(fixture.billing);
    expect(await fixture.granted(userId)).toBe(0);
    await fixture.control.advanceClock({ ms: 2 * 60_000 });
    await retryEvents(fixture.billing);
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("is dead-lettered after 8 attempts over a day and granted once by a replay", async () => {
    const userId = await fixture.signUp();
    await buyUndelivered(userId, "pack-basic");
    const event = latest("checkout.session.completed");
    await breakGrants();
    for (let attempt = 0; attempt < 12; attempt += 1) await fixture.deliver(event);
    expect(await fixture.event(event.id)).toMatchObject({ status: "pending", attempts: 12 });
    await fixture.control.advanceClock({ days: 1 });
    expect((await fixture.deliver(event)).status).toBe(200);
    expect(await fixture.event(event.id)).toMatchObject({ status: "dead", attempts: 13 });
    await repairGrants();
    expect((await fixture.deliver(event)).status).toBe(200);
    expect(await fixture.granted(userId)).toBe(0);
    expect(await replayEvent(fixture.billing, event.id)).toBe("handled");
    expect(await replayEvent(fixture.billing, event.id)).toBe("handled");
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("raises one alert per day when it is dead-lettered", async () => {
    const userId = await fixture.signUp();
    await buyUndelivered(userId, "pack-basic");
    const event = { ...latest("checkout.session.completed"), api_version: "2020-08-27" };
    await fixture.deliver(event);
    await fixture.deliver(event);
    const today = now().toISOString().slice(0, 10);
    expect(await fixture.alerts(`stripe-event:${event.id}`)).toEqual([
      `stripe-event:${event.id}:${today}`,
    ]);
  });

  it("is not dead-lettered without its alert", async () => {
    const userId = await fixture.signUp();
    await buyUndelivered(userId, "pack-basic");
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

  it("raises another alert when its replay fails on another day", async () => {
    const userId = await fixture.signUp();
    await buyUndelivered(userId, "pack-basic");
    const event = { ...latest("checkout.session.completed"), api_version: "2020-08-27" };
    await fixture.deliver(event);
    await breakGrants();
    await replayEvent(fixture.billing, event.id);
    for (let attempt = 1; attempt < 8; attempt += 1) await fixture.deliver(event);
    await fixture.control.advanceClock({ days: 1, ms: 60_000 });
    await fixture.deliver(event);
    await repairGrants();
    expect(await fixture.event(event.id)).toMatchObject({ status: "dead" });
    const alerts = await fixture.alerts(`stripe-event:${event.id}`);
    expect(new Set(alerts).size).toBe(2);
  });

  it("stays pending when Stripe cannot be reached", async () => {
    const userId = await fixture.signUp();
    await buyUndelivered(userId, "pack-basic");
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
    const response = await handleStripeWebhook(
      { ...fixture.billing, stripe: unreachable },
      request,
    );
    expect(response.status).toBe(500);
    expect(await fixture.event(event.id)).toMatchObject({ status: "pending", attempts: 1 });
    await fixture.deliver(event);
    expect(await fixture.granted(userId)).toBe(100);
  });
});

describe("backfillEvents", () => {
  it("handles events that never arrived", async () => {
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
