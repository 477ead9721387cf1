import { millisecondsInDay, millisecondsInHour } from "date-fns/constants";
import { inArray } from "drizzle-orm";
import type Stripe from "stripe";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { backfillEvents, readEventsCompleteUntil } from "@/billing/inbox/backfill-events";
import { HANDLED_EVENT_TYPES } from "@/billing/inbox/process-event";
import { replayEvent, retryEvents } from "@/billing/inbox/retry-events";
import { stripeEvent } from "@/db/schema";
import { BillingFixture } from "../billing-fixture";

/** The account's default API version is older than our endpoint's. */
let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create({ accountApiVersion: "2020-08-27" });
  // Without an invoice, a purchase has one event that we handle.
  Object.assign(fixture.billing, { purchaseInvoices: false });
});
afterEach(async () => {
  fixture.isUp = true;
  await fixture.control.setDeliveryMode("normal");
  await fixture.expectBalanced();
});
afterAll(() => fixture.close());

async function buyUndelivered() {
  const userId = await fixture.signUp();
  await fixture.control.setDeliveryMode("drop");
  await fixture.buy(userId, "pack-basic");
  await fixture.control.setDeliveryMode("normal");
  return { userId, event: fixture.latest("checkout.session.completed") };
}

const breakGrants = () =>
  fixture.database.ownerSql.unsafe(
    "alter table credit_transaction add constraint broken check (type <> 'PURCHASE_PACKAGE') not valid",
  );
const repairGrants = () =>
  fixture.database.ownerSql.unsafe("alter table credit_transaction drop constraint broken");

describe("an account with an older default API version", () => {
  it("delivers events at the endpoint's version", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("has its events backfilled at the account's version", async () => {
    const { userId, event } = await buyUndelivered();
    expect(event.api_version).toBe("2020-08-27");
    await backfillEvents(fixture.billing);
    expect(await fixture.event(event.id)).toMatchObject({ status: "handled", anyVersion: true });
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("has a backfilled event retried after a failure", async () => {
    const { userId, event } = await buyUndelivered();
    await breakGrants();
    await backfillEvents(fixture.billing);
    await repairGrants();
    expect(await fixture.event(event.id)).toMatchObject({ status: "pending", attempts: 1 });
    expect((await fixture.deliver(event)).status).toBe(200);
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("has a replayed event retried after a failure", async () => {
    const { userId, event } = await buyUndelivered();
    await fixture.deliver(event);
    expect(await fixture.event(event.id)).toMatchObject({ status: "dead", anyVersion: false });
    await breakGrants();
    expect(await replayEvent(fixture.billing, event.id)).toBe("pending");
    await repairGrants();
    await fixture.control.advanceClock({ ms: 2 * 60_000 });
    await retryEvents(fixture.billing);
    expect(await fixture.event(event.id)).toMatchObject({ status: "handled" });
    expect(await fixture.granted(userId)).toBe(100);
  });
});

describe("backfillEvents", () => {
  it("continues when one event cannot be stored", async () => {
    const first = await buyUndelivered();
    await fixture.control.advanceClock({ ms: 8 * millisecondsInHour });
    const second = await buyUndelivered();
    await fixture.database.ownerSql.unsafe(
      `alter table stripe_event add constraint broken check (id <> '${first.event.id}') not valid`,
    );
    expect(await backfillEvents(fixture.billing)).toEqual({ backfilled: 1, complete: false });
    await fixture.database.ownerSql.unsafe("alter table stripe_event drop constraint broken");
    expect(await fixture.granted(first.userId)).toBe(0);
    expect(await fixture.granted(second.userId)).toBe(100);
    await backfillEvents(fixture.billing);
    expect(await fixture.granted(first.userId)).toBe(100);
  });

  it("handles the oldest events first when time is short", async () => {
    const first = await buyUndelivered();
    await fixture.control.advanceClock({ ms: 8 * millisecondsInHour });
    const second = await buyUndelivered();
    let calls = 0;
    const until = new Date(fixture.control.now().getTime() + 60_000);
    /** A clock that passes the limit once the first purchase is granted. */
    const clock = () => {
      calls += 1;
      return isGranted ? new Date(until.getTime() + 1) : fixture.billing.clock();
    };
    let isGranted = false;
    const backfill = backfillEvents({ ...fixture.billing, clock }, { until });
    const watch = setInterval(async () => {
      isGranted ||= (await fixture.granted(first.userId)) > 0;
    }, 5);
    await backfill;
    clearInterval(watch);
    expect(calls).toBeGreaterThan(0);
    expect(await fixture.granted(first.userId)).toBe(100);
    await backfillEvents(fixture.billing);
    expect(await fixture.granted(second.userId)).toBe(100);
  });
});

describe("backfillEvents with more event types than Stripe lists in one request", () => {
  type ListParams = Stripe.EventListParams;

  /** Our dependencies with every request for the list of events passed to `onList` first. */
  function watchingLists(onList: (params: ListParams) => void) {
    const { stripe } = fixture.billing;
    const list = (params: ListParams) => {
      onList(params);
      return stripe.events.list(params);
    };
    const watched: typeof stripe = Object.create(stripe, { events: { value: { list } } });
    return { ...fixture.billing, stripe: watched };
  }

  /** A purchase and a warning about it, whose type is listed by another request, a minute later. */
  async function buyAndWarnUndelivered() {
    const { event } = await buyUndelivered();
    const { object } = z
      .object({ object: z.object({ payment_intent: z.string() }) })
      .parse(event.data);
    await fixture.control.advanceClock({ ms: 60_000 });
    await fixture.control.setDeliveryMode("drop");
    await fixture.control.warnOfFraud(object.payment_intent);
    await fixture.control.setDeliveryMode("normal");
    await fixture.control.advanceClock({ ms: 60_000 });
    return [event, fixture.latest("radar.early_fraud_warning.created")];
  }

  it("handles the events of all requests in the order in which they happened", async () => {
    await backfillEvents(fixture.billing);
    const earlier = await buyAndWarnUndelivered();
    const expected = [...earlier, ...(await buyAndWarnUndelivered())].map(({ id }) => id);
    const listed: string[] = [];
    const billing = watchingLists(({ types = [] }) => {
      expect(types.length).toBeLessThanOrEqual(20);
      listed.push(...types);
    });
    expect(await backfillEvents(billing)).toEqual({ backfilled: 4, complete: true });
    expect([...new Set(listed)]).toEqual(HANDLED_EVENT_TYPES);
    const rows = await fixture.db
      .select({ id: stripeEvent.id })
      .from(stripeEvent)
      .where(inArray(stripeEvent.id, expected))
      .orderBy(stripeEvent.receivedAt);
    expect(rows.map(({ id }) => id)).toEqual(expected);
  });

  it("leaves the stored instant unchanged when one of the requests fails", async () => {
    await backfillEvents(fixture.billing);
    const completeUntil = await readEventsCompleteUntil(fixture.db);
    const events = await buyAndWarnUndelivered();
    const billing = watchingLists(({ types = [] }) => {
      if (types.includes("radar.early_fraud_warning.created")) throw new Error("Stripe is down");
    });
    await expect(backfillEvents(billing)).rejects.toThrow("Stripe is down");
    expect(await readEventsCompleteUntil(fixture.db)).toEqual(completeUntil);
    await backfillEvents(fixture.billing);
    for (const { id } of events)
      expect(await fixture.event(id)).toMatchObject({ status: "handled" });
  });
});

describe("the period of backfillEvents", () => {
  const advanceDays = (days: number) =>
    fixture.control.advanceClock({ ms: days * millisecondsInDay });
  const completeUntil = () => readEventsCompleteUntil(fixture.db);
  const setCompleteUntil = (at: Date | null) =>
    at === null
      ? fixture.database.ownerSql`delete from stripe_backfill`
      : fixture.database.ownerSql`
          insert into stripe_backfill (complete_until_at) values (${at})
          on conflict (id) do update set complete_until_at = excluded.complete_until_at`;

  it("begins where the events are last known to be complete, such as six days ago", async () => {
    await backfillEvents(fixture.billing);
    const { userId } = await buyUndelivered();
    await advanceDays(6);
    expect(await backfillEvents(fixture.billing)).toMatchObject({ complete: true });
    expect(await fixture.granted(userId)).toBe(100);
    expect(await completeUntil()).toEqual(expect.any(Date));
    const behindMs = fixture.control.now().getTime() - ((await completeUntil())?.getTime() ?? 0);
    expect(behindMs).toBeLessThan(60_000);
  });

  it("begins thirty days ago when no events are known to be complete", async () => {
    await backfillEvents(fixture.billing);
    const { userId } = await buyUndelivered();
    await advanceDays(29);
    await setCompleteUntil(null);
    await backfillEvents(fixture.billing);
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("is extended only by the days option", async () => {
    const { userId } = await buyUndelivered();
    await advanceDays(3);
    await setCompleteUntil(fixture.control.now());
    expect(await backfillEvents(fixture.billing)).toEqual({ backfilled: 0, complete: true });
    expect(await fixture.granted(userId)).toBe(0);
    expect(await backfillEvents(fixture.billing, { days: 2 })).toMatchObject({ backfilled: 0 });
    await backfillEvents(fixture.billing, { days: 30 });
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("overlaps the complete events by a day, because clocks differ by up to an hour", async () => {
    await backfillEvents(fixture.billing);
    const { billing } = fixture;
    const aheadByAnHour = {
      ...billing,
      clock: () => new Date(billing.clock().getTime() + millisecondsInHour),
    };
    await backfillEvents(aheadByAnHour);
    const { userId } = await buyUndelivered();
    await fixture.control.advanceClock({ ms: 2 * millisecondsInHour });
    await backfillEvents(billing);
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("is not shortened by a future instant that a wrong clock stored", async () => {
    await setCompleteUntil(new Date(fixture.control.now().getTime() + 300 * millisecondsInDay));
    const { userId } = await buyUndelivered();
    await backfillEvents(fixture.billing);
    expect(await fixture.granted(userId)).toBe(100);
    expect((await completeUntil())?.getTime()).toBeLessThanOrEqual(fixture.control.now().getTime());
  });

  it("leaves the stored instant unchanged when a requested period begins later", async () => {
    const completeBefore = new Date(fixture.control.now().getTime() - 10 * millisecondsInDay);
    await setCompleteUntil(completeBefore);
    await backfillEvents(fixture.billing, { days: 2 });
    expect(await completeUntil()).toEqual(completeBefore);
    await backfillEvents(fixture.billing, { days: 11 });
    expect((await completeUntil())?.getTime()).toBeGreaterThan(completeBefore.getTime());
  });

  it("resumes with the first window that was cut short", async () => {
    await setCompleteUntil(null);
    const { userId } = await buyUndelivered();
    const until = fixture.control.now();
    expect(await backfillEvents(fixture.billing, { until })).toMatchObject({ complete: false });
    const reached = (await completeUntil())?.getTime() ?? Number.NaN;
    expect(reached).toBeGreaterThan(until.getTime() - 30 * millisecondsInDay);
    expect(reached).toBeLessThan(until.getTime());
    await backfillEvents(fixture.billing);
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("raises an alert when it exceeds the events that Stripe lists", async () => {
    await setCompleteUntil(new Date(fixture.control.now().getTime() - 31 * millisecondsInDay));
    expect(await fixture.alerts("stripe-events-lost:")).toEqual([]);
    await backfillEvents(fixture.billing);
    expect(await fixture.alerts("stripe-events-lost:")).toHaveLength(1);
  });
});
