import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { deleteAccount } from "@/accounts/delete-account";
import { createCheckout } from "@/billing/checkout/create-checkout";
import { getMembership } from "@/billing/queries";
import { closeBilling } from "@/billing/subscriptions/close-billing";
import { checkoutSession, user } from "@/db/schema";
import { createStripe } from "@/integrations/create-stripe";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { now } from "@/lib/clock";
import { BillingFixture, SECRET_KEY } from "../billing-fixture";

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

const deleteNow = (userId: string) => deleteAccount(fixture.db, { userId, now: now() });

/** Buys an item without event delivery. */
async function buyUndelivered(item: "pro-yearly" | "pro-monthly" | "lifetime" | "pack-basic") {
  const userId = await fixture.signUp();
  const sessionId = await fixture.openCheckout(userId, item);
  await fixture.control.setDeliveryMode("drop");
  await fixture.control.pay(sessionId);
  await fixture.control.setDeliveryMode("normal");
  return { userId, sessionId };
}

async function expectNothingGranted(userId: string): Promise<void> {
  expect(await fixture.booked(userId)).toEqual([]);
  const rows = await fixture.database.ownerSql`
    select id from credit_schedule where user_id = ${userId} and kind <> 'free'`;
  expect(rows).toEqual([]);
  await fixture.control.advanceClock({ months: 1, days: 1 });
  await distributeCredits(fixture.db, { now: now(), deadlineMs: Number.POSITIVE_INFINITY });
  expect(await fixture.booked(userId)).toEqual([]);
}

async function refundedCents(): Promise<number | undefined> {
  const { data } = await fixture.billing.stripe.refunds.list({ limit: 1 });
  return data[0]?.amount;
}

const statusAtStripe = async (sessionId: string) =>
  (await fixture.billing.stripe.checkout.sessions.retrieve(sessionId)).status;

describe("closeBilling", () => {
  it("cancels the subscription and closes the open pages", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-yearly"));
    const open = await fixture.openCheckout(userId, "pack-basic");
    await fixture.db.transaction(async (tx) => {
      await closeBilling(tx, { userId, now: now() });
      await tx.update(user).set({ deletedAt: now() }).where(eq(user.id, userId));
    });
    expect(await fixture.deliverCalls()).toEqual({ done: 3, failed: 0 });
    const state = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
    expect(state.status).toBe("canceled");
    expect(await statusAtStripe(open)).toBe("expired");
    await expect(fixture.openCheckout(userId, "pack-basic")).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("closeBilling of an account with a lifetime", () => {
  it("ends the membership", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "lifetime");
    await deleteNow(userId);
    expect((await getMembership(fixture.db, { userId, at: now() })).plan).toBe("free");
  });
});

describe("closeBilling before a purchase's event arrives", () => {
  it("cancels the subscription even if no event arrives", async () => {
    const { userId, sessionId } = await buyUndelivered("pro-yearly");
    const subscriptionId = await fixture.subscriptionOf(sessionId);
    await deleteNow(userId);
    await fixture.deliverCalls();
    const state = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
    expect(state.status).toBe("canceled");
  });

  it.each([
    ["the session's event", "checkout.session.completed"],
    ["the subscription's event", "customer.subscription.created"],
    ["the invoice's event", "invoice.paid"],
  ] as const)(
    "grants nothing and cancels the subscription when %s arrives",
    async (_name, type) => {
      const { userId, sessionId } = await buyUndelivered("pro-yearly");
      const event = fixture.latest(type);
      await deleteNow(userId);
      expect((await fixture.deliver(event)).status).toBe(200);
      await fixture.database.ownerSql`
      delete from outbox where idempotency_key = ${`account:${userId}:cancel-all`}`;
      await fixture.deliverCalls();
      const subscriptionId = await fixture.subscriptionOf(sessionId);
      const state = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
      expect(state.status).toBe("canceled");
      await expectNothingGranted(userId);
    },
  );

  it("records the payment and refunds it once", async () => {
    const { userId } = await buyUndelivered("pro-yearly");
    const event = fixture.latest("invoice.paid");
    await deleteNow(userId);
    const before = fixture.control.listEvents("refund.created").length;
    await fixture.deliver(event);
    await fixture.deliver({ ...event, id: `${event.id}_twin` });
    await fixture.deliverCalls();
    expect(await fixture.payments(userId)).toMatchObject([
      { amountCents: 9900, credits: 0, memberFromAt: null, refundedCents: 9900 },
    ]);
    expect(fixture.control.listEvents("refund.created").length - before).toBe(1);
    expect(await refundedCents()).toBe(9900);
    await expectNothingGranted(userId);
  });

  it.each(["lifetime", "pack-basic"] as const)("refunds a %s", async (item) => {
    const { userId } = await buyUndelivered(item);
    const event = fixture.latest("checkout.session.completed");
    await deleteNow(userId);
    await fixture.deliver(event);
    await fixture.deliverCalls();
    const [paid] = await fixture.payments(userId);
    expect(paid).toMatchObject({ credits: 0, memberFromAt: null, memberUntilAt: null });
    expect(paid?.refundedCents).toBe(paid?.amountCents);
    await expectNothingGranted(userId);
  });

  it("waits for a purchase in progress and then cancels it", async () => {
    const { userId, sessionId } = await buyUndelivered("pro-yearly");
    const event = fixture.latest("invoice.paid");
    const { delivery, deletion } = await fixture.database.ownerSql.begin(async (tx) => {
      const [holder] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
      await tx`select from credit_account where user_id = ${userId} for update`;
      const delivery = fixture.deliver(event);
      await fixture.waitUntilBlocked(holder?.pid ?? 0);
      const deletion = deleteNow(userId);
      return { delivery, deletion };
    });
    expect((await delivery).status).toBe(200);
    await deletion;
    await fixture.deliverCalls();
    const state = await fixture.billing.stripe.subscriptions.retrieve(
      await fixture.subscriptionOf(sessionId),
    );
    expect(state.status).toBe("canceled");
    const [schedule] = await fixture.database.ownerSql<{ next_due_at: Date | null }[]>`
      select next_due_at from credit_schedule where user_id = ${userId} and kind <> 'free'`;
    expect(schedule).toEqual({ next_due_at: null });
  });
});

describe("closeBilling while a payment page opens", () => {
  it("closes the page, and the checkout returns no URL", async () => {
    const userId = await fixture.signUp();
    const stripe = createStripe({ secretKey: SECRET_KEY, apiBase: fixture.simulator.apiBase });
    const create = stripe.checkout.sessions.create.bind(stripe.checkout.sessions);
    /** Deletes the account after Stripe creates the page and before we record it. */
    const createThenDelete: typeof create = async (...args) => {
      const session = await create(...args);
      await deleteNow(userId);
      return session;
    };
    stripe.checkout.sessions.create = createThenDelete;
    await expect(
      createCheckout({ ...fixture.billing, stripe }, { userId, item: "pro-yearly", now: now() }),
    ).rejects.toMatchObject({ code: "not_found" });
    const [page] = await fixture.db
      .select()
      .from(checkoutSession)
      .where(eq(checkoutSession.userId, userId));
    const state = await fixture.billing.stripe.checkout.sessions.retrieve(page?.id ?? "");
    expect(state.status).toBe("expired");
  });
});
