import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { backfillEvents } from "@/billing/inbox/backfill-events";
import { replayEvent, retryEvents } from "@/billing/inbox/retry-events";
import { BillingFixture } from "../billing-fixture";

/** The account's default API version is older than our endpoint's. */
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
    await fixture.control.advanceClock({ ms: 8 * 3_600_000 });
    const second = await buyUndelivered();
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

  it("handles the oldest events first when time is short", async () => {
    const first = await buyUndelivered();
    await fixture.control.advanceClock({ ms: 8 * 3_600_000 });
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
