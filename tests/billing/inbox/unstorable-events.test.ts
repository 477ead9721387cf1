import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { backfillEvents, readEventsCompleteUntil } from "@/billing/inbox/backfill-events";
import { replayEvent } from "@/billing/inbox/retry-events";
import { BillingFixture } from "../billing-fixture";

/** Valid JSON that `jsonb` refuses. */
const NAME = "Mei\0 \ud83d Lin";
const STORED_NAME = "Mei\ufffd \ufffd Lin";

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterEach(() => fixture.expectBalanced());
afterAll(() => fixture.close());

type StripeEvent = ReturnType<BillingFixture["latest"]>;

/** Buys a pack and returns the event at Stripe, which is never delivered. */
async function buyUndelivered(): Promise<{ userId: string; event: StripeEvent }> {
  const userId = await fixture.signUp();
  await fixture.control.setDeliveryMode("drop");
  await fixture.buy(userId, "pack-basic");
  await fixture.control.setDeliveryMode("normal");
  return { userId, event: fixture.latest("checkout.session.completed") };
}

function objectOf(event: StripeEvent): Record<string, unknown> {
  return (event as unknown as { data: { object: Record<string, unknown> } }).data.object;
}

async function buyWithUnstorableName() {
  const bought = await buyUndelivered();
  objectOf(bought.event).customer_details = { name: NAME, [NAME]: "key" };
  return bought;
}

const nameIn = (payload: unknown) =>
  (payload as { data: { object: { customer_details: unknown } } }).data.object.customer_details;

/** Makes the table refuse rows until the returned function is called. */
async function refuseRows(condition: string): Promise<() => Promise<unknown>> {
  const { ownerSql } = fixture.database;
  await ownerSql.unsafe(
    `alter table stripe_event add constraint broken check (${condition}) not valid`,
  );
  return () => ownerSql.unsafe("alter table stripe_event drop constraint broken");
}

describe("an event with U+0000 and a lone surrogate in a name", () => {
  it("is handled once and keeps its raw body byte for byte", async () => {
    const { userId, event } = await buyWithUnstorableName();
    const { body, header } = fixture.control.signedPayload(event);
    for (const _ of [1, 2]) {
      const response = await fixture.post(body, { "stripe-signature": header });
      expect(response.status).toBe(200);
    }
    const stored = await fixture.event(event.id);
    expect(stored).toMatchObject({ status: "handled", attempts: 0 });
    expect(stored?.rawBody?.equals(Buffer.from(body))).toBe(true);
    expect(nameIn(stored?.payload)).toEqual({ name: STORED_NAME, [STORED_NAME]: "key" });
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("is backfilled when it never arrived", async () => {
    const { userId, event } = await buyWithUnstorableName();
    expect(await backfillEvents(fixture.billing)).toMatchObject({ complete: true });
    const stored = await fixture.event(event.id);
    expect(stored).toMatchObject({ status: "handled" });
    expect(JSON.parse(String(stored?.rawBody))).toMatchObject({ id: event.id });
    expect(nameIn(JSON.parse(String(stored?.rawBody)))).toEqual({ name: NAME, [NAME]: "key" });
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("is dead-lettered at once when the metadata names such a user", async () => {
    const sessionId = await fixture.openForeignSession({
      line_items: [{ price: "price_pack_basic", quantity: 1 }],
      metadata: { userId: "user\0" },
    });
    await fixture.control.pay(sessionId);
    const event = fixture.latest("checkout.session.completed");
    expect(await fixture.event(event.id)).toMatchObject({
      status: "dead",
      outcome: "names user user\ufffd, who does not exist",
    });
    expect(await fixture.alerts(`stripe-event:${event.id}`)).toHaveLength(1);
  });
});

describe("an event that cannot be stored", () => {
  it.each([
    [
      "an object id that no index holds",
      { data: { object: { id: randomBytes(8000).toString("hex") } } },
    ],
    ["a date that no timestamp holds", { created: 9_000_000_000_000_000 }],
    ["U+0000 in its type", { type: "checkout.session.\0" }],
    ["no mode", { livemode: undefined }],
    ["an object id that is a number", { data: { object: { id: 7 } } }],
  ])("is dead-lettered with its id and an alert for %s", async (_name, changes) => {
    const id = `evt_unstorable_${randomBytes(4).toString("hex")}`;
    const { event } = await buyUndelivered();
    const sent = { ...event, id, ...changes } as unknown as StripeEvent;
    const { body, header } = fixture.control.signedPayload(sent);
    for (const _ of [1, 2]) {
      const response = await fixture.post(body, { "stripe-signature": header });
      expect(response.status).toBe(200);
    }
    const stored = await fixture.event(id);
    expect(stored).toMatchObject({ status: "dead", attempts: 0 });
    expect(stored?.outcome).toContain("could not be stored");
    expect(stored?.rawBody?.equals(Buffer.from(body))).toBe(true);
    expect(await fixture.alerts(`stripe-event:${id}`)).toHaveLength(1);
    await backfillEvents(fixture.billing);
  });

  it("is dead-lettered with its id alone when the database refuses the rest, and a replay fetches it", async () => {
    const { userId, event } = await buyUndelivered();
    const accept = await refuseRows("raw_body is null");
    expect((await fixture.deliver(event)).status).toBe(200);
    await accept();
    expect(await fixture.event(event.id)).toMatchObject({
      status: "dead",
      type: "checkout.session.completed",
      payload: {},
      rawBody: null,
    });
    expect(await fixture.alerts(`stripe-event:${event.id}`)).toHaveLength(1);
    expect(await fixture.granted(userId)).toBe(0);
    expect(await replayEvent(fixture.billing, event.id)).toBe("handled");
    expect(await fixture.event(event.id)).toMatchObject({ payload: { id: event.id } });
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("is granted once by a replay when its payload could be kept", async () => {
    const { userId, event } = await buyUndelivered();
    const accept = await refuseRows("status = 'dead'");
    expect((await fixture.deliver(event)).status).toBe(200);
    await accept();
    expect(await fixture.event(event.id)).toMatchObject({ status: "dead" });
    expect(await replayEvent(fixture.billing, event.id)).toBe("handled");
    expect(await fixture.granted(userId)).toBe(100);
  });

  it("returns 500 with an alert and leaves the backfill incomplete when not even its id can be stored", async () => {
    await backfillEvents(fixture.billing);
    const completeBefore = await readEventsCompleteUntil(fixture.db);
    const { userId, event } = await buyUndelivered();
    const accept = await refuseRows(`id <> '${event.id}'`);
    expect((await fixture.deliver(event)).status).toBe(500);
    expect(await backfillEvents(fixture.billing)).toMatchObject({ complete: false });
    await accept();
    expect(await readEventsCompleteUntil(fixture.db)).toEqual(completeBefore);
    expect(await fixture.alerts(`stripe-event:${event.id}`)).toHaveLength(1);
    expect(await backfillEvents(fixture.billing)).toMatchObject({ backfilled: 1, complete: true });
    expect(await fixture.granted(userId)).toBe(100);
  });
});
