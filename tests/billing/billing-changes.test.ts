import { and, eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { listPendingPayments } from "@/billing/queries";
import { notification, outbox } from "@/db/schema";
import { now } from "@/lib/clock";
import { createService } from "@/public-api/services";
import { createEndpoint } from "@/webhooks/endpoints";
import { EVENT_TYPES } from "@/webhooks/events";
import { BillingFixture } from "./billing-fixture";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.expectBalanced());
afterAll(() => fixture.close());

/** The facts of a user's notices about billing changes, oldest first. Each has an email with the same facts. */
async function changes(userId: string) {
  const notices = await fixture.db
    .select()
    .from(notification)
    .where(eq(notification.userId, userId))
    .orderBy(notification.createdAt, notification.id);
  const changed = notices.filter(({ kind }) => kind === "billing-change");
  const emails = await fixture.db.select().from(outbox).where(eq(outbox.userId, userId));
  const mailed = emails.flatMap(({ payload }) =>
    typeof payload === "object" && payload !== null && "props" in payload ? [payload] : [],
  );
  for (const { facts } of changed) {
    expect(mailed).toContainEqual(
      expect.objectContaining({ template: "billing-change", props: facts }),
    );
  }
  return changed.map(({ facts }) => facts);
}

async function paidIntent(userId: string): Promise<string> {
  return (await fixture.payments(userId)).at(-1)?.paymentIntentId ?? "";
}

describe("a refund", () => {
  it("is reported once, however often its events arrive", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    await fixture.control.refund(await paidIntent(userId), 330);
    await fixture.deliver({ ...fixture.latest("charge.refunded"), id: "evt_again" });
    const refunded = { event: "refunded", item: "pack-basic", amountCents: 330, endsPlan: false };
    expect(await changes(userId)).toEqual([expect.objectContaining(refunded)]);
  });

  it("of a subscription's payment reports the end of the plan with it, not twice", async () => {
    const userId = await fixture.signUp("zh-CN");
    await fixture.buy(userId, "pro-monthly");
    await fixture.control.refund(await paidIntent(userId));
    await fixture.deliverCalls();
    const refunded = { event: "refunded", item: "pro-monthly", amountCents: 990, endsPlan: true };
    expect(await changes(userId)).toEqual([expect.objectContaining(refunded)]);
    await fixture.buy(userId, "pro-monthly");
  });
});

describe("a dispute", () => {
  it("is reported when it opens and when the bank decides", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    const { id } = await fixture.control.dispute(await paidIntent(userId));
    await fixture.control.winDispute(id);
    expect(await changes(userId)).toMatchObject([
      { event: "dispute-opened", amountCents: 990 },
      { event: "dispute-won" },
    ]);
  });
});

describe("the end of a plan", () => {
  it("is reported once, when it happens", async () => {
    const userId = await fixture.signUp();
    const id = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    await fixture.control.cancelSubscription(id, "period end");
    expect(await changes(userId)).toEqual([]);
    await fixture.control.advanceClock({ months: 1, ms: 7_200_000 });
    await fixture.deliver({
      ...fixture.latest("customer.subscription.deleted"),
      id: "evt_deleted_again",
    });
    expect(await changes(userId)).toMatchObject([{ event: "plan-ended", item: "pro-monthly" }]);
  });
});

describe("an endpoint of a service", () => {
  /** What endpoints get of a user: each type with what tells its events apart. */
  async function eventsOf(userId: string) {
    const rows = await fixture.db
      .select()
      .from(outbox)
      .where(and(eq(outbox.userId, userId), eq(outbox.kind, "webhook")))
      .orderBy(outbox.createdAt);
    return rows.map(({ payload }) => {
      const { type, data } = (payload as { facts: { type: string; data: Record<string, unknown> } })
        .facts;
      return [type, data.item, data.reason ?? data.amount_cents];
    });
  }
  beforeAll(() =>
    fixture.db.transaction(async (tx) => {
      const service = { name: "app", scopes: ["read" as const], expiresInDays: null, cap: null };
      const serviceId = await createService(tx, { ownerId: null, service, now: now() });
      const endpoint = { serviceId, url: "https://receiver.example/", events: [...EVENT_TYPES] };
      const settings = { secret: "a secret", allowLoopback: false };
      await createEndpoint(tx, { ...endpoint, now: now() }, settings);
    }),
  );

  it("gets each payment, reversal and change of membership once", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    await fixture.control.refund(await paidIntent(userId), 330);
    await fixture.deliver({ ...fixture.latest("charge.refunded"), id: "evt_once_more" });
    await fixture.deliver({
      ...fixture.latest("checkout.session.completed"),
      id: "evt_paid_again",
    });
    expect(await eventsOf(userId)).toEqual([
      ["payment.succeeded", "pack-basic", 990],
      ["payment.reversed", "pack-basic", "refunded"],
    ]);
  });

  it("gets the beginning, the renewal and the end of a membership", async () => {
    const userId = await fixture.signUp();
    const id = await fixture.subscriptionOf(await fixture.buy(userId, "pro-monthly"));
    await fixture.control.advanceClock({ months: 1, ms: 7_200_000 });
    await fixture.control.cancelSubscription(id, "now");
    const paid = [
      ["membership.changed", "pro-monthly", "paid"],
      ["payment.succeeded", "pro-monthly", 990],
    ];
    const events = (await eventsOf(userId)).map(String).sort();
    const ended = ["membership.changed", "pro-monthly", "ended"];
    expect(events).toEqual([...paid, ...paid, ended].map(String).sort());
  });

  it("gets the reversal that ends a membership with its reason", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pro-monthly");
    await fixture.control.refund(await paidIntent(userId));
    await fixture.deliverCalls();
    const events = (await eventsOf(userId)).slice(2).map(String).sort();
    expect(events).toEqual([
      "membership.changed,pro-monthly,ended",
      "payment.reversed,pro-monthly,refunded",
    ]);
  });
});

describe("a bank debit", () => {
  const pending = (userId: string) => listPendingPayments(fixture.db, { userId, at: now() });

  it.each([
    ["fail", [{ event: "debit-failed", item: "pack-basic", amountCents: 990 }], 120],
    ["succeed", [], 220],
  ] as const)("is pending until it can %s", async (how, reported, available) => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.buy(userId, "pack-basic", "later");
    expect(await pending(userId)).toMatchObject([{ id: sessionId, item: "pack-basic" }]);
    await fixture.control.settleDelayedPayment(sessionId, how);
    expect(await pending(userId)).toEqual([]);
    expect(await changes(userId)).toMatchObject(reported);
    expect(await fixture.available(userId)).toBe(available);
  });
});
