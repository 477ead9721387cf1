import { millisecondsInHour } from "date-fns/constants";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(async () => {
  await fixture.control.setDeliveryMode("normal");
  await fixture.expectBalanced();
});
afterAll(() => fixture.close());

/** Buys an item and returns its payment intent. */
async function pay(userId: string, item: Parameters<BillingFixture["buy"]>[1]): Promise<string> {
  await fixture.buy(userId, item);
  const paid = (await fixture.payments(userId)).at(-1);
  if (!paid?.paymentIntentId) throw new Error("nothing was charged");
  return paid.paymentIntentId;
}

const amounts = async (userId: string) =>
  (await fixture.booked(userId)).map(({ type, amount }) => [type, amount]);

describe("a reversal during a distribution run", () => {
  it.each(["refund", "dispute"] as const)(
    "revokes the month that the run grants while the %s waits",
    async (kind) => {
      const userId = await fixture.signUp();
      const intent = await pay(userId, "lifetime");
      await fixture.control.advanceClock({ months: 1, ms: millisecondsInHour });
      await fixture.control.setDeliveryMode("drop");
      await fixture.control[kind](intent);
      await fixture.control.setDeliveryMode("normal");
      const type = kind === "refund" ? "charge.refunded" : "charge.dispute.created";
      const event = fixture.latest(type);
      const { delivery } = await fixture.database.ownerSql.begin(async (run) => {
        const [holder] = await run<{ pid: number }[]>`select pg_backend_pid() as pid`;
        await run`select from credit_account where user_id = ${userId} for update`;
        const delivery = fixture.deliver(event);
        await fixture.waitUntilBlocked(holder?.pid ?? 0);
        await run`select credits_distribute_one(${userId}, ${now()}, interval '48 hours')`;
        return { delivery };
      });
      expect((await delivery).status).toBe(200);
      expect(await amounts(userId)).toEqual([
        ["LIFETIME_MONTHLY", 1000],
        ["LIFETIME_MONTHLY", 1000],
        ["REVOKE", -2000],
      ]);
    },
  );
});

describe("a purchase refunded before it is fulfilled", () => {
  /** The metadata names another user, so the purchase is dead-lettered. */
  async function buyDeadLettered() {
    const [userId, other] = [await fixture.signUp(), await fixture.signUp()];
    const customer = (await fixture.billing.stripe.customers.create({ metadata: { userId } })).id;
    const sessionId = await fixture.openForeignSession({
      customer,
      line_items: [{ price: "price_pack_basic", quantity: 1 }],
      client_reference_id: userId,
      metadata: { userId: other },
    });
    const { session } = await fixture.control.pay(sessionId);
    return { userId, other, sessionId, intent: String(session.payment_intent) };
  }

  it("dead-letters its refund while it is itself dead-lettered", async () => {
    const { intent } = await buyDeadLettered();
    expect(fixture.latest("checkout.session.completed").id).toBeTruthy();
    await fixture.control.refund(intent);
    expect(await fixture.event(fixture.latest("charge.refunded").id)).toMatchObject({
      status: "dead",
    });
  });

  it("is granted with the refunded share revoked", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.openCheckout(userId, "pack-basic");
    await fixture.control.setDeliveryMode("drop");
    const { session } = await fixture.control.pay(sessionId);
    await fixture.control.refund(String(session.payment_intent), 495);
    await fixture.control.setDeliveryMode("normal");
    await fixture.deliver(fixture.latest("checkout.session.completed"));
    expect(await amounts(userId)).toEqual([
      ["PURCHASE_PACKAGE", 100],
      ["REVOKE", -50],
    ]);
  });

  it("is granted and revoked without a schedule when it is a fully refunded year", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.openCheckout(userId, "pro-yearly");
    await fixture.control.setDeliveryMode("drop");
    await fixture.control.pay(sessionId);
    const { data } = await fixture.billing.stripe.paymentIntents.list({ limit: 1 });
    await fixture.control.refund(data[0]?.id ?? "");
    await fixture.control.setDeliveryMode("normal");
    await fixture.deliver(fixture.latest("invoice.paid"));
    expect(await amounts(userId)).toEqual([
      ["SUBSCRIPTION_RENEWAL", 1000],
      ["REVOKE", -1000],
    ]);
    const [schedule] = await fixture.database.ownerSql<{ next_due_at: Date | null }[]>`
      select next_due_at from credit_schedule where user_id = ${userId} and kind <> 'free'`;
    expect(schedule).toEqual({ next_due_at: null });
    expect((await fixture.payments(userId))[0]).toMatchObject({ refundedCents: 9900 });
  });
});

describe("a whole refund whose event is late", () => {
  it("ends the membership when Stripe refunded, not when it is handled", async () => {
    const userId = await fixture.signUp();
    const intent = await pay(userId, "lifetime");
    await fixture.control.advanceClock({ days: 20 });
    await fixture.control.setDeliveryMode("drop");
    const { created } = await fixture.control.refund(intent);
    await fixture.control.setDeliveryMode("normal");
    await fixture.control.advanceClock({ days: 3 });
    await fixture.deliver(fixture.latest("charge.refunded"));
    const [paid] = await fixture.payments(userId);
    expect(paid).toMatchObject({ isReversed: true, memberUntilAt: new Date(created * 1000) });
  });
});
