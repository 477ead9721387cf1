import { addDays } from "date-fns";
import { millisecondsInHour } from "date-fns/constants";
import { and, eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { changesBetween, type ShownState } from "@/billing/subscriptions/membership-events";
import { outbox } from "@/db/schema";
import { now } from "@/lib/clock";
import { createService } from "@/public-api/services";
import { createEndpoint } from "@/webhooks/endpoints";
import { type Subscriber, SwitchFixture } from "../switches/switch-fixture";

vi.mock("@/catalog/catalog", () => import("../switches/tiers-catalog"));

let fixture: SwitchFixture;
beforeAll(async () => {
  fixture = await SwitchFixture.create();
  await fixture.billing.db.transaction(async (tx) => {
    const service = { name: "app", scopes: ["read" as const], expiresInDays: null, cap: null };
    const serviceId = await createService(tx, { ownerId: null, service, now: now() });
    const url = "https://receiver.example/";
    const endpoint = { serviceId, url, events: ["membership.changed" as const], now: now() };
    await createEndpoint(tx, endpoint, { secret: "a secret", allowLoopback: false });
  });
});
afterEach(() => fixture.billing.expectBalanced());
afterAll(() => fixture.billing.close());

/** The data of a user's events, oldest first, without those in `known`. */
async function events({ userId }: Pick<Subscriber, "userId">, { since = 0 } = {}) {
  const rows = await fixture.billing.db
    .select({ payload: outbox.payload })
    .from(outbox)
    .where(and(eq(outbox.userId, userId), eq(outbox.kind, "webhook")))
    .orderBy(outbox.createdAt);
  return rows
    .map(({ payload }) => (payload as { facts: { data: Record<string, unknown> } }).facts.data)
    .slice(since);
}

const iso = (at: Date | null) => at?.toISOString() ?? null;

/** Delivers the latest event about subscriptions once more. */
async function repeat(): Promise<void> {
  const event = fixture.billing.latest("customer.subscription.updated");
  await fixture.billing.deliver({ ...event, id: `${event.id}_again` });
}

describe("membership.changed", () => {
  it("says what a payment made of the membership", async () => {
    const subscriber = await fixture.subscribe("pro-monthly");
    const { until } = await subscriber.membership();
    expect(await events(subscriber)).toEqual([
      {
        user: subscriber.userId,
        item: "pro-monthly",
        reason: "paid",
        plan: "pro-monthly",
        status: "active",
        renews_at: iso(until),
        ends_at: null,
        scheduled: null,
      },
    ]);
  });

  it("is sent once when a cancellation is scheduled, and once when it is withdrawn", async () => {
    const subscriber = await fixture.subscribe("pro-monthly");
    const { until } = await subscriber.membership();
    await fixture.control.cancelSubscription(subscriber.subscriptionId, "period end");
    await repeat();
    await fixture.control.resumeSubscription(subscriber.subscriptionId);
    await repeat();
    const shown = { item: "pro-monthly", plan: "pro-monthly", status: "active" };
    expect(await events(subscriber, { since: 1 })).toMatchObject([
      { ...shown, reason: "cancellation_scheduled", renews_at: null, ends_at: iso(until) },
      { ...shown, reason: "cancellation_withdrawn", renews_at: iso(until), ends_at: null },
    ]);
    await fixture.control.cancelSubscription(subscriber.subscriptionId, "period end");
    expect((await events(subscriber)).length).toBe(4);
  });

  it("is sent when a switch is scheduled, withdrawn, and takes effect", async () => {
    const subscriber = await fixture.subscribe("max-monthly");
    const { until } = await subscriber.membership();
    const price = await fixture.billing.priceOf("pro-monthly");
    await fixture.control.planSwitch(subscriber.subscriptionId, price);
    const schedule = String((await subscriber.subscription()).schedule);
    await fixture.stripe.subscriptionSchedules.release(schedule);
    await fixture.control.settled();
    await fixture.control.planSwitch(subscriber.subscriptionId, price);
    await repeat();
    await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
    const scheduled = { item: "pro-monthly", at: iso(until) };
    const sent = await events(subscriber, { since: 1 });
    expect(sent.slice(0, 3)).toMatchObject([
      { item: "max-monthly", reason: "switch_scheduled", plan: "max-monthly", scheduled },
      { item: "max-monthly", reason: "switch_withdrawn", plan: "max-monthly", scheduled: null },
      { item: "max-monthly", reason: "switch_scheduled", plan: "max-monthly", scheduled },
    ]);
    expect(sent.slice(3)).toMatchObject([
      { item: "pro-monthly", reason: "switched", scheduled: null },
      { item: "pro-monthly", reason: "paid", plan: "pro-monthly", status: "active" },
    ]);
  });

  it("is sent when a renewal is not paid and when it is paid later", async () => {
    const subscriber = await fixture.subscribe("pro-monthly");
    fixture.control.failNextPayment(subscriber.subscriptionId);
    await fixture.control.advanceClock({ months: 1, ms: 2 * millisecondsInHour });
    expect(await events(subscriber, { since: 1 })).toMatchObject([
      { item: "pro-monthly", reason: "status_changed", plan: "free", status: "past_due" },
    ]);
    await fixture.control.advanceClock({ days: 4 });
    const recovered = await events(subscriber, { since: 2 });
    expect(recovered.map(({ reason }) => reason).sort()).toEqual(["paid", "status_changed"]);
    expect(recovered.find(({ reason }) => reason === "paid")).toMatchObject({
      plan: "pro-monthly",
      status: "active",
    });
  });

  it("is sent when a failed refund restores the plan that it had ended", async () => {
    const subscriber = await fixture.subscribe("pro-monthly");
    const { paymentIntentId } = await subscriber.lastPayment();
    const { id } = await subscriber.refund(paymentIntentId);
    await fixture.control.failRefund(id);
    await fixture.control.settled();
    const sent = await events(subscriber, { since: 1 });
    expect(sent).toMatchObject([
      { reason: "ended", plan: "free" },
      { reason: "restored", plan: "pro-monthly" },
    ]);
  });
});

describe("changesBetween", () => {
  const startsAt = new Date("2026-03-01T00:00:00Z");
  const trialing: ShownState = {
    plan: "pro-monthly",
    status: "trialing",
    currentPeriodStartAt: startsAt,
    currentPeriodEndAt: addDays(startsAt, 7),
    cancelAt: null,
    cancelAtPeriodEnd: false,
    scheduledItem: null,
    scheduledAt: null,
  };
  const ending = { ...trialing, cancelAt: addDays(startsAt, 7) };

  it.each<[string, ShownState, Partial<ShownState>, string[]]>([
    ["nothing for the same state", trialing, {}, []],
    ["a longer trial", trialing, { currentPeriodEndAt: addDays(startsAt, 14) }, ["renewal_moved"]],
    ["another end", ending, { cancelAt: addDays(startsAt, 5) }, ["cancellation_scheduled"]],
    [
      "the end of a trial, but not its new period",
      trialing,
      { status: "active", currentPeriodStartAt: addDays(startsAt, 7) },
      ["status_changed"],
    ],
    ["nothing for an end", ending, { status: "canceled" }, []],
    [
      "nothing for the first payment, which `paid` reports",
      { ...trialing, status: "incomplete" },
      { status: "active" },
      [],
    ],
  ])("reports %s", (_, before, changed, reasons) => {
    expect(changesBetween(before, { ...before, ...changed })).toEqual(reasons);
  });
});
