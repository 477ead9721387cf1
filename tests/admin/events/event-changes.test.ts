import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type EventChanges, readEventChanges } from "@/admin/events/event-changes";
import { subjectOf } from "@/admin/events/event-subject";
import { readEvent } from "@/admin/events/events";
import { BillingFixture } from "../../billing/billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterAll(async () => {
  await fixture.expectBalanced();
  await fixture.close();
});

/** The changes of the latest event of a type. */
async function changesOf(type: Parameters<BillingFixture["latest"]>[0]): Promise<EventChanges> {
  const event = await readEvent(fixture.db, fixture.latest(type).id);
  if (event === undefined) throw new Error(`The inbox has no ${type}.`);
  expect(event.status).toBe("handled");
  return readEventChanges(fixture.db, event);
}

const keysOf = (rows: readonly { readonly idempotencyKey: string }[]) =>
  rows.map((row) => row.idempotencyKey);

describe("readEventChanges", () => {
  it("finds the user, payment, credits, receipt and notice of a pack's session", async () => {
    const other = await fixture.signUp();
    await fixture.buy(other, "pack-basic");
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-standard");
    const sessionId = await fixture.buy(userId, "pack-basic");
    const changes = await changesOf("checkout.session.completed");
    expect(changes.user).toMatchObject({ id: userId, email: `${userId}@example.com` });
    expect(changes.payments.map((row) => row.id)).toEqual([`checkout:${sessionId}`]);
    expect(keysOf(changes.ledger)).toEqual([`checkout:${sessionId}:pack`]);
    expect(changes.session).toMatchObject({ id: sessionId, item: "pack-basic", userId });
    expect(keysOf(changes.outbox)).toEqual([`email:purchase:checkout:${sessionId}`]);
    expect(changes.notices).toMatchObject([{ kind: "purchase-received" }]);
    expect([changes.subscriptions, changes.schedules]).toEqual([[], []]);
    const ofInvoice = await changesOf("invoice.paid");
    expect(ofInvoice.payments).toEqual(changes.payments);
    expect(ofInvoice.ledger).toEqual(changes.ledger);
  });

  it("also finds the subscription and schedule of a yearly plan's invoice", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-yearly"));
    const changes = await changesOf("invoice.paid");
    const [paid] = await fixture.payments(userId);
    const source = paid?.id ?? "";
    expect(changes.payments.map((row) => row.id)).toEqual([source]);
    expect(keysOf(changes.ledger)).toEqual([`${source}:allotment`]);
    expect(changes.subscriptions.map((row) => row.id)).toEqual([subscriptionId]);
    expect(changes.schedules).toMatchObject([{ id: source, kind: "yearly" }]);
    expect(keysOf(changes.outbox)).toEqual([`email:purchase:${source}`]);
    const noted = await changesOf("checkout.session.completed");
    expect(noted.subscriptions.map((row) => row.id)).toEqual([subscriptionId]);
    expect(noted.payments.map((row) => row.id)).toEqual([source]);
  });

  it("finds the subscription and the ended schedule of a canceled subscription", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-yearly"));
    await fixture.control.cancelSubscription(subscriptionId, "now");
    const changes = await changesOf("customer.subscription.deleted");
    expect(changes.user?.id).toBe(userId);
    expect(changes.subscriptions).toMatchObject([{ id: subscriptionId, status: "canceled" }]);
    expect(changes.schedules).toMatchObject([{ kind: "yearly", userId }]);
    expect(changes.schedules[0]?.endedAt).not.toBeNull();
  });

  it("finds the payment and the revocation of a refund and of a dispute", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    const [paid] = await fixture.payments(userId);
    const refund = await fixture.control.refund(paid?.paymentIntentId ?? "", 490);
    const refunded = await changesOf("charge.refunded");
    expect(refunded.payments).toMatchObject([{ id: paid?.id, refundedCents: 490 }]);
    expect(keysOf(refunded.ledger)).toEqual([`refund:${refund.id}:revoke`, `${paid?.id}:pack`]);
    expect((await changesOf("refund.created")).payments).toMatchObject([{ id: paid?.id }]);
    const dispute = await fixture.control.dispute(paid?.paymentIntentId ?? "", 500);
    const disputed = await changesOf("charge.dispute.created");
    expect(disputed.user?.id).toBe(userId);
    expect(keysOf(disputed.ledger)).toContain(`dispute:${dispute.id}:revoke`);
  });

  it("finds every subscription of a deleted customer", async () => {
    const userId = await fixture.signUp();
    const subscriptionId = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    const [subscribed] = (await changesOf("invoice.paid")).subscriptions;
    await fixture.control.deleteCustomer(subscribed?.customerId ?? "");
    const changes = await changesOf("customer.deleted");
    expect(changes.user?.id).toBe(userId);
    expect(changes.subscriptions.map((row) => row.id)).toEqual([subscriptionId]);
  });

  it("finds the user of a pending event", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    fixture.isUp = false;
    const sessionId = await fixture.openCheckout(userId, "pack-premium");
    await fixture.control.pay(sessionId);
    fixture.isUp = true;
    const event = fixture.latest("checkout.session.completed");
    const pending = { type: event.type, payload: JSON.parse(JSON.stringify(event)), userId: null };
    const changes = await readEventChanges(fixture.db, pending);
    expect(changes.user?.id).toBe(userId);
    expect(changes.session).toMatchObject({ id: sessionId, item: "pack-premium" });
    expect([changes.payments, changes.ledger, changes.outbox]).toEqual([[], [], []]);
  });

  it("returns nothing for an invalid or unknown payload", async () => {
    const nothing = {
      user: undefined,
      session: undefined,
      payments: [],
      subscriptions: [],
      ledger: [],
      schedules: [],
      notices: [],
      outbox: [],
    };
    const payloadOf = (object: object) => ({ data: { object } });
    for (const payload of [{}, null, "x", payloadOf({}), payloadOf({ id: 7, customer: [] })])
      for (const type of ["invoice.paid", "customer.deleted", "charge.refunded", "x"])
        expect(await readEventChanges(fixture.db, { type, payload, userId: null })).toEqual(
          nothing,
        );
  });
});

describe("subjectOf", () => {
  it("reads plain ids and expanded objects of old and new API versions", () => {
    const invoice = (object: object) =>
      subjectOf({ type: "invoice.paid", payload: { data: { object: { id: "in_1", ...object } } } });
    const parent = { subscription_details: { subscription: { id: "sub_1" } } };
    expect(invoice({ parent })).toMatchObject({
      sources: ["invoice:in_1"],
      subscriptionId: "sub_1",
    });
    expect(invoice({ subscription: "sub_1" })).toMatchObject({ subscriptionId: "sub_1" });
    expect(invoice({ parent: { quote_details: {} } })).toMatchObject({ subscriptionId: null });
    expect(invoice({ customer: { id: "cus_1" } })).toMatchObject({ customerId: "cus_1" });
  });
});
