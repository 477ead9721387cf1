import { randomUUID } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { and, eq, ne } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { deleteAccount } from "@/accounts/delete-account";
import { listAllPayments, paymentsQuery, settlePayment } from "@/admin/payments";
import { ensureCustomer } from "@/billing/checkout/customer";
import { auditLog, outbox, payment } from "@/db/schema";
import { readHealth } from "@/jobs/health";
import { now } from "@/lib/clock";
import { BillingFixture } from "../billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(async () => {
  await fixture.control.setDeliveryMode("normal");
  await fixture.expectBalanced();
  await fixture.db.delete(payment);
});
afterAll(() => fixture.close());

type Price = "price_pro_monthly" | "price_lifetime";

async function openPage(userId: string, price: Price): Promise<string> {
  const line_items = [{ price, quantity: 1 }];
  const customer = await ensureCustomer(fixture.billing, userId);
  const ours = { customer, line_items, metadata: { userId } };
  return price === "price_lifetime"
    ? fixture.openForeignSession({ ...ours, payment_intent_data: { metadata: { userId } } })
    : fixture.openForeignSession({
        ...ours,
        mode: "subscription",
        subscription_data: { metadata: { userId } },
      });
}

/** Pays two pages for one price. The second purchase is refused. */
async function buyTwice(userId: string, price: Price, balance = 0): Promise<void> {
  const [one, two] = [await openPage(userId, price), await openPage(userId, price)];
  await fixture.control.pay(one);
  await fixture.control.advanceClock({ ms: 2_000 });
  const customer = await ensureCustomer(fixture.billing, userId);
  await fixture.billing.stripe.customers.update(customer, { balance: -balance });
  await fixture.control.pay(two);
}

/** Pays for an ended subscription while a lifetime is held. */
async function payLate(userId: string): Promise<void> {
  const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
  fixture.control.failNextPayment(subscriptionId, 20);
  await fixture.control.advanceClock({ months: 1, days: 20 });
  fixture.control.failNextPayment(subscriptionId, 0);
  const { data } = await fixture.billing.stripe.invoices.list({
    subscription: subscriptionId,
    status: "open",
  });
  await fixture.buy(userId, "lifetime");
  await fixture.control.advanceClock({ ms: 60_000 });
  await fixture.control.payInvoice(data[0]?.id ?? "");
}

/** Deletes the account before the event of its lifetime arrives. */
async function buyBeforeDeletion(userId: string): Promise<void> {
  const sessionId = await openPage(userId, "price_lifetime");
  await fixture.control.setDeliveryMode("drop");
  await fixture.control.pay(sessionId);
  await fixture.control.setDeliveryMode("normal");
  await deleteAccount(fixture.db, { userId, now: now() });
  await fixture.deliver(fixture.latest("checkout.session.completed"));
}

async function refusedPayment(userId: string) {
  const refused = (await fixture.payments(userId)).find(({ refusal }) => refusal !== null);
  if (refused?.paymentIntentId == null) throw new Error("no charged payment was refused");
  return { ...refused, paymentIntentId: refused.paymentIntentId };
}

/** Runs the refund of the refused payment, unless it ran before, and fails its latest one. */
async function failRefund(userId: string): Promise<{ refundKey: string }> {
  await fixture.deliverCalls();
  const { paymentIntentId: payment_intent } = await refusedPayment(userId);
  const { data } = await fixture.billing.stripe.refunds.list({ payment_intent });
  const refundId = data[0]?.id ?? "";
  await fixture.control.failRefund(refundId);
  return { refundKey: `refund:${refundId}` };
}

const failureEmails = async (userId: string) =>
  (await fixture.emails(userId)).filter((key) => key.includes("refund-failed"));

const owedPayments = async () =>
  (await listAllPayments(fixture.db, paymentsQuery.parse({ back: "owed" }))).rows.map(
    ({ id }) => id,
  );

const health = () => readHealth(fixture.db, { now: now(), migrations: [], functionSet: null });

describe("a failed refund of a payment that we refused", () => {
  it.each([
    ["a second subscription", "second", 990, (id: string) => buyTwice(id, "price_pro_monthly")],
    ["a second lifetime", "second", 19900, (id: string) => buyTwice(id, "price_lifetime")],
    ["a late payment", "late", 990, payLate],
  ])("is owed, alerted and emailed once (%s)", async (_what, refusal, cents, refuse) => {
    const userId = await fixture.signUp();
    await refuse(userId);
    await fixture.deliverCalls();
    expect(await refusedPayment(userId)).toMatchObject({ refusal, owedCents: 0 });
    const { refundKey } = await failRefund(userId);
    const event = fixture.latest("refund.failed");
    await fixture.deliver({ ...event, id: `${event.id}_again` });
    const owed = await refusedPayment(userId);
    expect(owed).toMatchObject({ refundedCents: 0, owedCents: cents });
    expect(await fixture.alerts(`money-owed:${refundKey}`)).toEqual([`money-owed:${refundKey}`]);
    const emails = await fixture.db
      .select({ payload: outbox.payload })
      .from(outbox)
      .where(eq(outbox.idempotencyKey, `email:refund-failed:${refundKey}`));
    expect(emails).toMatchObject([
      { payload: { template: "refund-failed", props: { amountCents: cents, currency: "usd" } } },
    ]);
    expect(await owedPayments()).toEqual([owed.id]);
    expect((await health()).problems).toContain("money_owed");
  });

  it("is owed and alerted without an email when the account is deleted", async () => {
    const userId = await fixture.signUp();
    await buyBeforeDeletion(userId);
    const { refundKey } = await failRefund(userId);
    expect(await refusedPayment(userId)).toMatchObject({ refusal: "deleted", owedCents: 19900 });
    expect(await fixture.alerts(`money-owed:${refundKey}`)).toHaveLength(1);
    expect(await failureEmails(userId)).toEqual([]);
  });

  it("sends no email when the account was deleted after the refund", async () => {
    const userId = await fixture.signUp();
    await buyTwice(userId, "price_lifetime");
    await fixture.deliverCalls();
    await deleteAccount(fixture.db, { userId, now: now() });
    const { refundKey } = await failRefund(userId);
    expect(await fixture.alerts(`money-owed:${refundKey}`)).toHaveLength(1);
    expect(await failureEmails(userId)).toEqual([]);
  });

  it("owes what was charged and not what went back to the customer balance", async () => {
    const userId = await fixture.signUp();
    await buyTwice(userId, "price_pro_monthly", 500);
    await failRefund(userId);
    expect(await refusedPayment(userId)).toMatchObject({ amountCents: 490, owedCents: 490 });
  });

  it("is settled by a new refund, and owed and reported again when that one fails", async () => {
    const userId = await fixture.signUp();
    await buyTwice(userId, "price_lifetime");
    const first = await failRefund(userId);
    await fixture.control.advanceClock({ ms: 2_000 });
    await fixture.control.refund((await refusedPayment(userId)).paymentIntentId);
    expect(await refusedPayment(userId)).toMatchObject({ refundedCents: 19900, owedCents: 0 });
    expect(await owedPayments()).toEqual([]);
    expect((await health()).problems).not.toContain("money_owed");
    const second = await failRefund(userId);
    expect(second).not.toEqual(first);
    expect(await refusedPayment(userId)).toMatchObject({ owedCents: 19900 });
    expect(await fixture.alerts(`money-owed:${second.refundKey}`)).toHaveLength(1);
    expect(await failureEmails(userId)).toHaveLength(2);
  });

  it("owes the remainder when the new refund is partial", async () => {
    const userId = await fixture.signUp();
    await buyTwice(userId, "price_lifetime");
    await failRefund(userId);
    await fixture.control.refund((await refusedPayment(userId)).paymentIntentId, 9900);
    expect(await refusedPayment(userId)).toMatchObject({ owedCents: 10000 });
    expect(await failureEmails(userId)).toHaveLength(1);
  });
});

describe("a dispute of a payment that we refused, before its refund", () => {
  const refusals: [string, number, (userId: string) => Promise<void>][] = [
    ["a second subscription", 990, (userId) => buyTwice(userId, "price_pro_monthly")],
    ["a second lifetime", 19900, (userId) => buyTwice(userId, "price_lifetime")],
    ["a late payment", 990, payLate],
    ["a deleted account", 19900, buyBeforeDeletion],
  ];

  it.each(refusals)("closes our refund while it is open (%s)", async (_what, cents, refuse) => {
    const userId = await fixture.signUp();
    await disputeRefused(userId, refuse);
    expect(await openCalls()).toEqual([]);
    expect(await refusedPayment(userId)).toMatchObject({
      refundedCents: 0,
      disputedCents: cents,
      owedCents: 0,
    });
  });

  it.each(refusals)("leaves nothing owed when it is lost (%s)", async (_what, cents, refuse) => {
    const userId = await fixture.signUp();
    const { id } = await disputeRefused(userId, refuse);
    await fixture.control.loseDispute(id);
    await fixture.deliverCalls();
    expect(await openCalls()).toEqual([]);
    expect(await refusedPayment(userId)).toMatchObject({
      refundedCents: 0,
      disputedCents: cents,
      owedCents: 0,
    });
  });

  it.each(refusals)("refunds the payment when it is won (%s)", async (_what, cents, refuse) => {
    const userId = await fixture.signUp();
    const { id } = await disputeRefused(userId, refuse);
    await fixture.control.winDispute(id);
    await fixture.deliverCalls();
    expect(await openCalls()).toEqual([]);
    expect(await refusedPayment(userId)).toMatchObject({
      refundedCents: cents,
      disputedCents: 0,
      owedCents: 0,
    });
  });

  it("owes what a lost dispute did not take, because Stripe refuses its refund", async () => {
    const userId = await fixture.signUp();
    const { id } = await disputeRefused(userId, (one) => buyTwice(one, "price_lifetime"), 5000);
    expect(await refusedPayment(userId)).toMatchObject({ disputedCents: 5000, owedCents: 0 });
    await fixture.control.loseDispute(id);
    const owed = await refusedPayment(userId);
    expect(owed).toMatchObject({ refundedCents: 0, disputedCents: 5000, owedCents: 14900 });
    expect(await fixture.alerts(`money-owed:dispute:${id}`)).toHaveLength(1);
    expect(await failureEmails(userId)).toEqual([`email:refund-failed:dispute:${id}`]);
    expect(await owedPayments()).toEqual([owed.id]);
  });

  it("returns at once what the customer balance paid, and the charge when it is won", async () => {
    const userId = await fixture.signUp();
    const refuse = (one: string) => buyTwice(one, "price_pro_monthly", 500);
    const { id } = await disputeRefused(userId, refuse);
    const customer = await ensureCustomer(fixture.billing, userId);
    const balance = async () => {
      const found = await fixture.billing.stripe.customers.retrieve(customer);
      return found.deleted ? null : found.balance;
    };
    expect(await balance()).toBe(-500);
    await fixture.control.winDispute(id);
    await fixture.deliverCalls();
    expect(await balance()).toBe(-500);
    expect(await refusedPayment(userId)).toMatchObject({ amountCents: 490, refundedCents: 490 });
  });

  it("is not refunded when it is won after an admin settled the payment", async () => {
    const userId = await fixture.signUp();
    const { id } = await disputeRefused(userId, (one) => buyTwice(one, "price_lifetime"), 5000);
    await fixture.control.loseDispute(id);
    const { id: paymentId } = await refusedPayment(userId);
    await settlePayment(fixture.db, {
      id: randomUUID(),
      paymentId,
      reason: "paid by bank transfer",
      actorId: "boss",
      now: now(),
    });
    await fixture.control.appealDispute(id);
    expect(await refusedPayment(userId)).toMatchObject({ owedCents: 0, settledCents: 14900 });
    await fixture.control.winDispute(id);
    await fixture.deliverCalls();
    expect(await refusedPayment(userId)).toMatchObject({ refundedCents: 0, owedCents: 5000 });
  });

  /** Disputes the refused payment, by default whole, before its refund runs. */
  async function disputeRefused(
    userId: string,
    refuse: (userId: string) => Promise<void>,
    cents?: number,
  ): Promise<{ id: string }> {
    await refuse(userId);
    const { paymentIntentId } = await refusedPayment(userId);
    const dispute = await fixture.control.dispute(paymentIntentId, cents);
    await fixture.deliverCalls();
    return dispute;
  }

  const openCalls = () =>
    fixture.db
      .select({ key: outbox.idempotencyKey, error: outbox.lastError })
      .from(outbox)
      .where(and(eq(outbox.kind, "stripe"), ne(outbox.status, "done")));
});

describe("a failed refund of a purchase that was granted", () => {
  it("owes nothing, because the purchase stands again", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    const [bought] = await fixture.payments(userId);
    const refund = await fixture.control.refund(bought?.paymentIntentId ?? "");
    await fixture.control.failRefund(refund.id);
    expect(await fixture.payments(userId)).toMatchObject([{ refusal: null, owedCents: 0 }]);
    expect(await fixture.alerts(`money-owed:refund:${refund.id}`)).toEqual([]);
    expect(await failureEmails(userId)).toEqual([]);
  });
});

describe("settlePayment", () => {
  const form = (paymentId: string) => ({
    id: randomUUID(),
    paymentId,
    reason: "paid by bank transfer",
    actorId: "boss",
    now: now(),
  });

  it("settles what is owed once and audits it, and later events keep it settled", async () => {
    const userId = await fixture.signUp();
    await buyTwice(userId, "price_lifetime");
    await failRefund(userId);
    const { id } = await refusedPayment(userId);
    const input = form(id);
    await settlePayment(fixture.db, input);
    await settlePayment(fixture.db, input);
    expect(await refusedPayment(userId)).toMatchObject({ owedCents: 0, settledCents: 19900 });
    expect(await owedPayments()).toEqual([]);
    const audited = await fixture.db.select().from(auditLog).where(eq(auditLog.id, input.id));
    expect(audited).toMatchObject([
      {
        action: "payment.settle",
        targetUserId: userId,
        reason: "paid by bank transfer",
        before: { paymentId: id, owedCents: 19900, currency: "usd" },
      },
    ]);
    const event = fixture.latest("refund.failed");
    await fixture.deliver({ ...event, id: `${event.id}_late` });
    expect(await refusedPayment(userId)).toMatchObject({ owedCents: 0 });
    await expect(settlePayment(fixture.db, form(id))).rejects.toMatchObject({
      code: "invalid_input",
    });
  });

  it("rejects a payment that does not exist", async () => {
    const settling = settlePayment(fixture.db, form("checkout:cs_none"));
    await expect(settling).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("the migration of existing payments", () => {
  it("marks those that we refused and what is owed for them", async () => {
    const users = [await fixture.signUp(), await fixture.signUp(), await fixture.signUp()];
    const [second = "", late = "", deleted = ""] = users;
    await buyTwice(second, "price_pro_monthly");
    await payLate(late);
    await buyBeforeDeletion(deleted);
    for (const userId of [second, late]) await failRefund(userId);
    const read = () =>
      fixture.db
        .select({ id: payment.id, refusal: payment.refusal, owedCents: payment.owedCents })
        .from(payment)
        .orderBy(payment.id);
    const expected = await read();
    await fixture.db.update(payment).set({ refusal: null, owedCents: 0 });
    for (const statement of await backfills()) await fixture.database.ownerSql.unsafe(statement);
    expect(await read()).toEqual(expected);
  });

  async function backfills(): Promise<string[]> {
    const folder = new URL("../../../drizzle/", import.meta.url);
    const name = (await readdir(folder)).find((file) => file.endsWith("_refused-payments.sql"));
    const text = await readFile(new URL(name ?? "", folder), "utf8");
    return text.split("--> statement-breakpoint").filter((part) => part.includes("UPDATE"));
  }
});
