import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { now } from "@/lib/clock";
import { BillingFixture } from "./billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(async () => {
  await fixture.control.setDeliveryMode("normal");
  await fixture.expectBalanced();
});
afterAll(() => fixture.close());

/** Buys and answers the payment intent that paid. */
async function pay(userId: string, item: Parameters<BillingFixture["buy"]>[1]): Promise<string> {
  await fixture.buy(userId, item);
  const paid = (await fixture.payments(userId)).at(-1);
  if (!paid?.paymentIntentId) throw new Error("nothing was charged");
  return paid.paymentIntentId;
}

const amounts = async (userId: string) =>
  (await fixture.booked(userId)).map(({ type, amount }) => [type, amount]);

describe("beside the monthly run", () => {
  it.each(["refund", "dispute"] as const)(
    "a %s takes back the month that is granted while it waits",
    async (kind) => {
      const userId = await fixture.signUp();
      const intent = await pay(userId, "lifetime");
      await fixture.control.advanceClock({ months: 1, ms: 3_600_000 });
      await fixture.control.setDeliveryMode("drop");
      await fixture.control[kind](intent);
      await fixture.control.setDeliveryMode("normal");
      const type = kind === "refund" ? "charge.refunded" : "charge.dispute.created";
      const event = fixture.latest(type);
      const { delivery } = await fixture.database.ownerSql.begin(async (run) => {
        const [holder] = await run<{ pid: number }[]>`select pg_backend_pid() as pid`;
        await run`select from credit_account where user_id = ${userId} for update`;
        const delivery = fixture.deliver(event);
        await fixture.untilBlocked(holder?.pid ?? 0);
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

describe("a partial refund that fails", () => {
  it("leaves taken what a dispute of the whole takes, until that is won", async () => {
    const userId = await fixture.signUp();
    const intent = await pay(userId, "pack-basic");
    const refund = await fixture.control.refund(intent, 330);
    const dispute = await fixture.control.dispute(intent, 990);
    expect(await fixture.granted(userId)).toBe(0);
    await fixture.control.failRefund(refund.id);
    expect(await amounts(userId)).toEqual([
      ["PURCHASE_PACKAGE", 100],
      ["REVOKE", -33],
      ["REVOKE", -67],
      ["RESTORE", 33],
      ["REVOKE", -33],
    ]);
    await fixture.control.winDispute(dispute.id);
    expect(await fixture.granted(userId)).toBe(100);
    expect(await fixture.available(userId)).toBe(220);
  });
});

describe("the share of a part of the money", () => {
  it.each([
    [100, 29, 200, 15],
    [100, 250, 200, 100],
    [1000, 0, 0, 0],
  ])("of %i credits for %i of %i cents is %i", async (granted, cents, paid, share) => {
    const [row] = await fixture.database.ownerSql<{ share: string }[]>`
      select credits_share(${granted}, ${cents}, ${paid}) as share`;
    expect(Number(row?.share)).toBe(share);
  });
});

describe("a purchase whose event is dead", () => {
  /** Somebody else's name in the metadata: nobody is credited until an admin has looked. */
  async function buyDead() {
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

  it("has its refund a dead letter too", async () => {
    const { intent } = await buyDead();
    expect(fixture.latest("checkout.session.completed").id).toBeTruthy();
    await fixture.control.refund(intent);
    expect(await fixture.event(fixture.latest("charge.refunded").id)).toMatchObject({
      status: "dead",
    });
  });

  it("is replayed to what is left of it, also when its refund is not", async () => {
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

  it("of a year that was refunded whole is granted and taken back, and promises nothing", async () => {
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

describe("a dispute", () => {
  async function disputed() {
    const userId = await fixture.signUp();
    const intent = await pay(userId, "lifetime");
    const dispute = await fixture.control.dispute(intent);
    const ended = async () => {
      const [schedule] = await fixture.database.ownerSql<{ ended: boolean }[]>`
        select ended_at is not null as ended from credit_schedule
        where user_id = ${userId} and kind = 'lifetime'`;
      return schedule?.ended;
    };
    return { userId, dispute, ended };
  }

  it("that was prevented by leaving the money with the payer is lost", async () => {
    const { userId, dispute, ended } = await disputed();
    await fixture.control.preventDispute(dispute.id);
    expect(await fixture.granted(userId)).toBe(0);
    expect(await ended()).toBe(true);
  });

  it("that was lost stays so while it is appealed", async () => {
    const { userId, dispute, ended } = await disputed();
    await fixture.control.loseDispute(dispute.id);
    await fixture.control.appealDispute(dispute.id);
    await fixture.deliver({ ...fixture.latest("charge.dispute.closed"), id: `evt_${dispute.id}` });
    expect(await fixture.granted(userId)).toBe(0);
    expect(await ended()).toBe(true);
  });
});
