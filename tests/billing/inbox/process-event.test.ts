import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { handleStripeWebhook } from "@/billing/inbox/receive-event";
import { connectToDatabase } from "../../support/connect-to-database";
import { BillingFixture } from "../billing-fixture";

type StripeEvent = ReturnType<BillingFixture["control"]["listEvents"]>[number];

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(async () => {
  fixture.isUp = true;
  await fixture.expectBalanced();
});
afterAll(() => fixture.close());

/** A purchase whose event has not arrived, and that event. */
async function buyUndelivered() {
  const userId = await fixture.signUp();
  fixture.isUp = false;
  await fixture.buy(userId, "pack-basic");
  fixture.isUp = true;
  const event = fixture.control.listEvents("checkout.session.completed").at(-1);
  if (event === undefined) throw new Error("nothing was bought");
  return { userId, event };
}

/** Stores an event without handling it, like a process killed after the insert. */
async function storeWithoutHandling(event: StripeEvent): Promise<void> {
  await fixture.database.ownerSql`
    insert into stripe_event (id, type, api_version, livemode, payload, object_id, created_at,
      received_at, next_attempt_at)
    values (${event.id}, ${event.type}, ${event.api_version}, false,
      ${JSON.stringify(event)}::text::jsonb, ${objectId(event)}, now(), now(), now())`;
}

function objectId({ data: { object } }: StripeEvent): string {
  if ("id" in object && typeof object.id === "string") return object.id;
  throw new Error("the event has no object id");
}

describe("processEvent", () => {
  it("keeps the outcome of a worker that closed the event first", async () => {
    const { userId, event } = await buyUndelivered();
    await storeWithoutHandling(event);
    const delivery = await fixture.database.ownerSql.begin(async (tx) => {
      const [holder] = await tx<{ pid: number }[]>`select pg_backend_pid() as pid`;
      await tx`select from stripe_event where id = ${event.id} for update`;
      const response = fixture.deliver(event);
      await fixture.waitUntilBlocked(holder?.pid ?? 0);
      await tx`update stripe_event set status = 'dead', outcome = 'closed by hand'
        where id = ${event.id}`;
      // In an object, because `begin` awaits a returned promise before COMMIT: a deadlock.
      return { response };
    });
    expect((await delivery.response).status).toBe(200);
    expect(await fixture.event(event.id)).toMatchObject({
      status: "dead",
      outcome: "closed by hand",
    });
    expect(await fixture.granted(userId)).toBe(0);
  });

  it("returns the status of a handled event without calling Stripe", async () => {
    const { userId, event } = await buyUndelivered();
    await fixture.deliver(event);
    const handled = await fixture.event(event.id);
    expect(handled).toMatchObject({ status: "handled", outcome: "pack-basic × 1 granted" });
    let calls = 0;
    const count = () => {
      calls += 1;
    };
    fixture.billing.stripe.on("request", count);
    const responses = await Promise.all(Array.from({ length: 10 }, () => fixture.deliver(event)));
    fixture.billing.stripe.off("request", count);
    expect(responses.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(calls).toBe(0);
    expect(await fixture.event(event.id)).toEqual(handled);
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("keeps the first outcome when the event arrives many times at once", async () => {
    const { event } = await buyUndelivered();
    await Promise.all(Array.from({ length: 12 }, () => fixture.deliver(event)));
    expect(await fixture.event(event.id)).toMatchObject({
      status: "handled",
      outcome: "pack-basic × 1 granted",
      attempts: 0,
    });
  });
});

describe("handleStripeWebhook", () => {
  it("returns 500 while the database is down; the retry grants once", async () => {
    const { userId, event } = await buyUndelivered();
    const nowhere = new URL(fixture.database.appUrl);
    nowhere.port = "9";
    const db = connectToDatabase(nowhere.href, { max: 1 });
    const { body, header } = fixture.control.signedPayload(event);
    const headers = { "stripe-signature": header };
    const request = new Request("http://localhost/", { method: "POST", body, headers });
    const response = await handleStripeWebhook({ ...fixture.billing, db }, request);
    await db.$client.end({ timeout: 1 });
    expect(response.status).toBe(500);
    expect(await fixture.event(event.id)).toBeUndefined();
    expect((await fixture.deliver(event)).status).toBe(200);
    expect((await fixture.deliver(event)).status).toBe(200);
    expect(await fixture.granted(userId)).toBe(100);
  });
});
