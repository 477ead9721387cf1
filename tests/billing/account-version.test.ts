import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { feedMissedEvents } from "@/billing/inbox/backfill-events";
import { replayEvent } from "@/billing/inbox/replay-event";
import { retryEvents } from "@/billing/inbox/retry-events";
import { World } from "./world";

/** A Stripe account whose default is older than what our endpoint and our calls name. */
let world: World;
beforeAll(async () => {
  world = await World.create({ accountApiVersion: "2020-08-27" });
});
afterEach(async () => {
  world.isUp = true;
  await world.control.setDeliveryMode("normal");
  await world.expectBalanced();
});
afterAll(() => world.close());

async function buyUnheard() {
  const userId = await world.signUp();
  await world.control.setDeliveryMode("drop");
  await world.buy(userId, "pack-basic");
  await world.control.setDeliveryMode("normal");
  return { userId, event: world.latest("checkout.session.completed") };
}

const breakGrants = () =>
  world.database.ownerSql.unsafe(
    "alter table credit_transaction add constraint broken check (type <> 'PURCHASE_PACKAGE') not valid",
  );
const mendGrants = () =>
  world.database.ownerSql.unsafe("alter table credit_transaction drop constraint broken");

describe("an account with an older default API version", () => {
  it("delivers at the endpoint's version", async () => {
    const userId = await world.signUp();
    await world.buy(userId, "pack-basic");
    expect(await world.granted(userId)).toBe(100);
  });

  it("has the events that never arrived fed all the same", async () => {
    const { userId, event } = await buyUnheard();
    expect(event.api_version).toBe("2020-08-27");
    await feedMissedEvents(world.billing);
    expect(await world.event(event.id)).toMatchObject({ status: "handled", anyVersion: true });
    expect(await world.granted(userId)).toBe(100);
  });

  it("has a fed event that failed tried again, by us and by Stripe", async () => {
    const { userId, event } = await buyUnheard();
    await breakGrants();
    await feedMissedEvents(world.billing);
    await mendGrants();
    expect(await world.event(event.id)).toMatchObject({ status: "pending", attempts: 1 });
    expect((await world.deliver(event)).status).toBe(200);
    expect(await world.granted(userId)).toBe(100);
  });

  it("has a replayed event that failed tried again by the retry job", async () => {
    const { userId, event } = await buyUnheard();
    await world.deliver(event);
    expect(await world.event(event.id)).toMatchObject({ status: "dead", anyVersion: false });
    await breakGrants();
    expect(await replayEvent(world.billing, event.id)).toBe("pending");
    await mendGrants();
    await world.control.advanceClock({ ms: 2 * 60_000 });
    await retryEvents(world.billing);
    expect(await world.event(event.id)).toMatchObject({ status: "handled" });
    expect(await world.granted(userId)).toBe(100);
  });
});

describe("the feed", () => {
  it("goes on when one of the events can't be stored", async () => {
    const first = await buyUnheard();
    await world.control.advanceClock({ ms: 8 * 3_600_000 });
    const second = await buyUnheard();
    await world.database.ownerSql.unsafe(
      `alter table stripe_event add constraint broken check (id <> '${first.event.id}') not valid`,
    );
    await feedMissedEvents(world.billing);
    await world.database.ownerSql.unsafe("alter table stripe_event drop constraint broken");
    expect(await world.granted(first.userId)).toBe(0);
    expect(await world.granted(second.userId)).toBe(100);
    await feedMissedEvents(world.billing);
    expect(await world.granted(first.userId)).toBe(100);
  });

  it("begins with the oldest, so that what it has no time for is the newest", async () => {
    const first = await buyUnheard();
    await world.control.advanceClock({ ms: 8 * 3_600_000 });
    const second = await buyUnheard();
    let calls = 0;
    const until = new Date(world.control.now().getTime() + 60_000);
    /** A clock that runs out once the first purchase has been booked. */
    const clock = () => {
      calls += 1;
      return isBooked ? new Date(until.getTime() + 1) : world.billing.clock();
    };
    let isBooked = false;
    const feeding = feedMissedEvents({ ...world.billing, clock }, { until });
    const watch = setInterval(async () => {
      isBooked ||= (await world.granted(first.userId)) > 0;
    }, 5);
    await feeding;
    clearInterval(watch);
    expect(calls).toBeGreaterThan(0);
    expect(await world.granted(first.userId)).toBe(100);
    await feedMissedEvents(world.billing);
    expect(await world.granted(second.userId)).toBe(100);
  });
});
