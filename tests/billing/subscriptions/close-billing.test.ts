import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { deleteAccount } from "@/accounts/delete-account";
import { createCheckout } from "@/billing/checkout/create-checkout";
import { storeEvent } from "@/billing/inbox/store-event";
import { readEvent } from "@/billing/inbox/verify-webhook";
import { getMembership } from "@/billing/queries";
import { closeBilling } from "@/billing/subscriptions/close-billing";
import { checkoutSession, user } from "@/db/schema";
import { createStripe } from "@/integrations/create-stripe";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { now } from "@/lib/clock";
import { BillingFixture, CONSENT, SECRET_KEY } from "../billing-fixture";

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
    expect(await fixture.deliverCalls()).toEqual({ done: 4, failed: 0 });
    const state = await fixture.billing.stripe.subscriptions.retrieve(subscriptionId);
    expect(state.status).toBe("canceled");
    expect(await statusAtStripe(open)).toBe("expired");
    await expect(fixture.openCheckout(userId, "pack-basic")).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("closeBilling and what names the person", () => {
  const personal = {
    name: "Ottilie Storch",
    email: "ottilie@example.com",
    phone: "+49 30 901820",
    address: { line1: "Lindenallee 4", city: "Potsdam", country: "DE" },
  };

  /** Every text and JSON value of the database and every stored body that contains one of the texts. */
  async function findInDatabase(...texts: string[]): Promise<string[]> {
    const sql = fixture.database.ownerSql;
    const found: string[] = [];
    const columns = await sql<{ table: string; column: string; type: string }[]>`
      select table_name as table, column_name as column, data_type as type
      from information_schema.columns where table_schema = 'public'`;
    for (const { table, column, type } of columns) {
      const value = type === "bytea" ? `encode("${column}", 'escape')` : `"${column}"::text`;
      const rows = await sql.unsafe(
        `select 1 from "${table}" where ${value} ilike any ($1::text[]) limit 1`,
        [`{${texts.map((text) => `"%${text}%"`).join(",")}}`],
      );
      if (rows.length > 0) found.push(`${table}.${column}`);
    }
    return found;
  }

  /** The latest event of a type as Stripe would send it: with what the person entered. */
  function reported(type: Parameters<typeof fixture.latest>[0], id: string) {
    const event = structuredClone(fixture.latest(type));
    Object.assign(event.data.object, { customer_details: personal });
    return { ...event, id };
  }

  async function buyAndCancel(): Promise<string> {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-yearly"));
    await fixture.billing.stripe.subscriptions.update(subscriptionId, {
      cancel_at_period_end: true,
      cancellation_details: { comment: "Ottilie has no time" },
    });
    await fixture.control.settled();
    await fixture.deliver(reported("invoice.paid", `evt_known_${userId}`));
    await fixture.deliver(reported("checkout.session.completed", `evt_handled_${userId}`));
    // Nobody handles it, so it has no owner.
    const unhandled = { ...reported("invoice.paid", `evt_${userId}`), type: "invoice.updated" };
    await fixture.deliver(unhandled as Parameters<typeof fixture.deliver>[0]);
    return userId;
  }

  it("cuts events to ids and removes links and the reason for a cancellation", async () => {
    const userId = await buyAndCancel();
    expect(await findInDatabase("Ottilie")).toEqual(
      expect.arrayContaining([
        "stripe_event.payload",
        "stripe_event.raw_body",
        "subscription.cancellation_comment",
      ]),
    );
    await deleteNow(userId);
    await fixture.deliverCalls();
    expect(await findInDatabase("Ottilie", personal.email, "Lindenallee", "901820")).toEqual([]);
    const [paid] = await fixture.payments(userId);
    expect(paid).toMatchObject({ amountCents: 9900, receiptUrl: null });
    const sessions = await fixture.db
      .select()
      .from(checkoutSession)
      .where(eq(checkoutSession.userId, userId));
    expect(sessions).toMatchObject([{ url: null }]);
  });

  it("cuts events that arrive, or are handled, after the deletion", async () => {
    const userId = await buyAndCancel();
    const pending = reported("invoice.paid", `evt_pending_${userId}`);
    const anonymous = reported("invoice.paid", `evt_anonymous_${userId}`);
    Reflect.deleteProperty(anonymous.data.object, "customer");
    for (const event of [pending, anonymous]) {
      const signed = readEvent(event, Buffer.from(JSON.stringify(event)));
      await storeEvent(fixture.billing, signed ?? expect.fail("not an event"));
    }
    await deleteNow(userId);
    // Whose the other one is only shows when it is handled.
    expect(await fixture.event(pending.id)).toMatchObject({ status: "pending", rawBody: null });
    for (const event of [pending, anonymous]) await fixture.deliver(event);
    for (const type of ["checkout.session.completed", "customer.subscription.updated"] as const)
      await fixture.deliver(reported(type, `evt_after_${type}_${userId}`));
    await fixture.deliverCalls();
    expect(await findInDatabase("Ottilie", personal.email)).toEqual([]);
    for (const { id } of [pending, anonymous])
      expect(await fixture.event(id)).toMatchObject({ status: "handled", rawBody: null, userId });
  });

  it("empties the Stripe customer, and again after a late payment", async () => {
    const { userId } = await buyUndelivered("pack-basic");
    const { stripe } = fixture.billing;
    const customer = async () => {
      const [owner] = await fixture.db.select().from(user).where(eq(user.id, userId));
      return stripe.customers.retrieve(owner?.stripeCustomerId ?? "");
    };
    const { id } = await customer();
    const empty = { name: null, email: null, phone: null, address: null, shipping: null };
    await stripe.customers.update(id, {
      ...personal,
      shipping: { name: personal.name, address: personal.address },
    });
    expect(await customer()).toMatchObject(personal);
    await deleteNow(userId);
    await fixture.deliverCalls();
    expect(await customer()).toMatchObject({ ...empty, metadata: { userId } });
    // The payment page that was still open fills them in again.
    await stripe.customers.update(id, { name: personal.name, address: personal.address });
    await fixture.deliver(fixture.latest("checkout.session.completed"));
    await fixture.deliverCalls();
    expect(await customer()).toMatchObject(empty);
    expect((await fixture.payments(userId))[0]).toMatchObject({ refundedCents: 990 });
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
      createCheckout(
        { ...fixture.billing, stripe },
        { userId, item: "pro-yearly", consent: CONSENT, now: now() },
      ),
    ).rejects.toMatchObject({ code: "not_found" });
    const [page] = await fixture.db
      .select()
      .from(checkoutSession)
      .where(eq(checkoutSession.userId, userId));
    const state = await fixture.billing.stripe.checkout.sessions.retrieve(page?.id ?? "");
    expect(state.status).toBe("expired");
  });
});
