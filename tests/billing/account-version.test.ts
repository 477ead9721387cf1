import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { backfillEvents } from "@/billing/inbox/backfill-events";
import { replayEvent, retryEvents } from "@/billing/inbox/retry-events";
import { BillingFixture } from "./billing-fixture";

/** A Stripe account whose default is older than what our endpoint and our calls name. */
let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create({ accountApiVersion: "2020-08-27" });
});
afterEach(async () => {
  fixture.isUp = true;
  await fixture.control.setDeliveryMode("normal");
  await fixture.expectBalanced();
});
afterAll(() => fixture.close());

async function buyUnheard() {
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
const mendGrants = () =>
  fixture.database.ownerSql.unsafe("alter table credit_transaction drop constraint broken");

describe("an account with an older default API version", () => {
  it("delivers at the endpoint's version", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pack-basic");
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("has the events that never arrived fed all the same", async () => {
    const { userId, event } = await buyUnheard();
    expect(event.api_version).toBe("2020-08-27");
    await backfillEvents(fixture.billing);
    expect(await fixture.event(event.id)).toMatchObject({ status: "handled", anyVersion: true });
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("has a fed event that failed tried again, by us and by Stripe", async () => {
    const { userId, event } = await buyUnheard();
    await breakGrants();
    await backfillEvents(fixture.billing);
    await mendGrants();
    expect(await fixture.event(event.id)).toMatchObject({ status: "pending", attempts: 1 });
    expect((await fixture.deliver(event)).status).toBe(200);
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("has a replayed event that failed tried again by the retry job", async () => {
    const { userId, event } = await buyUnheard();
    await fixture.deliver(event);
    expect(await fixture.event(event.id)).toMatchObject({ status: "dead", anyVersion: false });
    await breakGrants();
    expect(await replayEvent(fixture.billing, event.id)).toBe("pending");
    await mendGrants();
    await fixture.control.advanceClock({ ms: 2 * 60_000 });
    await retryEvents(fixture.billing);
    expect(await fixture.event(event.id)).toMatchObject({ status: "handled" });
    expect(await fixture.granted(userId)).toBe(100);
  });
});

describe("the feed", () => {
  it("goes on when one of the events can't be stored", async () => {
    const first = await buyUnheard();
    await fixture.control.advanceClock({ ms: 8 * 3_600_000 });
    const second = await buyUnheard();
    await fixture.database.ownerSql.unsafe(
      `alter table stripe_event add constraint broken check (id <> '${first.event.id}') not valid`,
    );
    await backfillEvents(fixture.billing);
    await fixture.database.ownerSql.unsafe("alter table stripe_event drop constraint broken");
    expect(await fixture.granted(first.userId)).toBe(0);
    expect(await fixture.granted(second.userId)).toBe(100);
    await backfillEvents(fixture.billing);
    expect(await fixture.granted(first.userId)).toBe(100);
  });

  it("begins with the oldest, so that what it has no time for is the newest", async () => {
    const first = await buyUnheard();
    await fixture.control.advanceClock({ ms: 8 * 3_600_000 });
    const second = await buyUnheard();
    let calls = 0;
    const until = new Date(fixture.control.now().getTime() + 60_000);
    /** A clock that runs out once the first purchase has been booked. */
    const clock = () => {
      calls += 1;
      return isBooked ? new Date(until.getTime() + 1) : fixture.billing.clock();
    };
    let isBooked = false;
    const feeding = backfillEvents({ ...fixture.billing, clock }, { until });
    const watch = setInterval(async () => {
      isBooked ||= (await fixture.granted(first.userId)) > 0;
    }, 5);
    await feeding;
    clearInterval(watch);
    expect(calls).toBeGreaterThan(0);
    expect(await fixture.granted(first.userId)).toBe(100);
    await backfillEvents(fixture.billing);
    expect(await fixture.granted(second.userId)).toBe(100);
  });
});
