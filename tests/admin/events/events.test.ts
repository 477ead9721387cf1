import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { replayDeadEvents, replayOneEvent } from "@/admin/events/dead-letters";
import { countDeadEvents, eventsQuery, listEvents, readEvent } from "@/admin/events/events";
import { stripeEvent } from "@/db/schema";
import { now } from "@/lib/clock";
import { BillingFixture } from "../../billing/billing-fixture";

let fixture: BillingFixture;
const deadline = () => performance.now() + 30_000;
const find = async (query: Record<string, string>) =>
  (await listEvents(fixture.db, eventsQuery.parse(query))).rows.map((row) => row.id);
const auditOf = (action: string) => fixture.database.ownerSql`
  select actor_id, before, coalesce(facts, after) as after
  from audit_log left join audit_result on audit_id = audit_log.id
  where action = ${action} order by created_at`;

/** Buys a pack while the webhook endpoint is down and stores the event as dead. */
async function buyWithDeadEvent(userId: string): Promise<string> {
  fixture.isUp = false;
  const sessionId = await fixture.buy(userId, "pack-basic");
  fixture.isUp = true;
  const { data } = await fixture.billing.stripe.events.list({ type: "checkout.session.completed" });
  const event = data.find(({ data: { object } }) => "id" in object && object.id === sessionId);
  if (event === undefined) throw new Error("Stripe has no event of this purchase.");
  await fixture.db.insert(stripeEvent).values({
    id: event.id,
    type: event.type,
    apiVersion: event.api_version,
    livemode: event.livemode,
    payload: JSON.parse(JSON.stringify(event)),
    objectId: sessionId,
    status: "dead",
    attempts: 8,
    createdAt: now(),
    receivedAt: now(),
    firstAttemptAt: now(),
  });
  return event.id;
}

beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterAll(async () => {
  await fixture.expectBalanced();
  await fixture.close();
});

describe("listEvents", () => {
  it("finds events by event, object and user id, by status and by type", async () => {
    const userId = await fixture.signUp();
    const sessionId = await fixture.buy(userId, "pack-basic");
    const [id] = await find({ q: sessionId, type: "checkout.session.completed" });
    expect(id).toMatch(/^evt_/);
    expect(await find({ q: id ?? "" })).toEqual([id]);
    expect(await find({ q: userId })).toContain(id);
    expect(await find({ q: sessionId, status: "handled" })).toContain(id);
    expect(await find({ q: sessionId, status: "dead" })).toEqual([]);
    expect(await find({ q: sessionId, type: "any" })).toContain(id);
    expect(await find({ q: sessionId, type: "invoice.paid" })).toEqual([]);
  });

  it("returns no payload, unlike readEvent", async () => {
    const { rows } = await listEvents(fixture.db, eventsQuery.parse({}));
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every((row) => !("payload" in row))).toBe(true);
    const event = await readEvent(fixture.db, rows[0]?.id ?? "");
    expect(event?.payload).toMatchObject({ object: "event" });
  });
});

describe("replayOneEvent", () => {
  it("handles a dead event, grants once and audits the admin and the outcome", async () => {
    const userId = await fixture.signUp();
    const eventId = await buyWithDeadEvent(userId);
    expect(await countDeadEvents(fixture.db)).toBe(1);
    expect(await fixture.available(userId)).toBe(120);
    const form = () => ({ id: randomUUID(), eventId, actorId: "boss" });
    expect(await replayOneEvent(fixture.billing, form())).toBe("handled");
    expect(await replayOneEvent(fixture.billing, form())).toBe("handled");
    expect(await fixture.available(userId)).toBe(220);
    expect(await auditOf("event.replay")).toEqual([
      {
        actor_id: "boss",
        before: { eventId, status: "dead", attempts: 8 },
        after: { status: "handled" },
      },
    ]);
  });

  it("does nothing when a form is repeated, even if the event is dead again", async () => {
    const broken = { id: "evt_unhandled", type: "invoice.paid", livemode: false, payload: {} };
    await fixture.db.insert(stripeEvent).values({
      ...broken,
      status: "dead",
      createdAt: now(),
      receivedAt: now(),
    });
    const form = { id: randomUUID(), eventId: "evt_unhandled", actorId: "boss" };
    expect(await replayOneEvent(fixture.billing, form)).toBe("pending");
    await fixture.db
      .update(stripeEvent)
      .set({ status: "dead", attempts: 8 })
      .where(eq(stripeEvent.id, "evt_unhandled"));
    expect(await replayOneEvent(fixture.billing, form)).toBe("dead");
    expect(await readEvent(fixture.db, "evt_unhandled")).toMatchObject({ attempts: 8 });
    await fixture.db.delete(stripeEvent).where(eq(stripeEvent.id, "evt_unhandled"));
  });

  it("rejects an unknown event", async () => {
    await expect(
      replayOneEvent(fixture.billing, { id: randomUUID(), eventId: "evt_none", actorId: "boss" }),
    ).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("replayDeadEvents", () => {
  it("handles each dead event once, even if one fails again", async () => {
    const [first, second] = [await fixture.signUp(), await fixture.signUp()];
    await buyWithDeadEvent(first);
    await buyWithDeadEvent(second);
    const broken = { id: "evt_broken", type: "invoice.paid", livemode: false, payload: {} };
    await fixture.db.insert(stripeEvent).values({
      ...broken,
      status: "dead",
      createdAt: now(),
      receivedAt: now(),
    });
    const form = { id: randomUUID(), actorId: "boss", deadlineMs: deadline() };
    const tally = await replayDeadEvents(fixture.billing, form);
    expect(tally).toEqual({
      replayed: 3,
      handled: 2,
      ignored: 0,
      pending: 1,
      dead: 0,
      closed: 0,
      complete: true,
    });
    expect(await fixture.available(first)).toBe(220);
    expect(await fixture.available(second)).toBe(220);
    expect(await countDeadEvents(fixture.db)).toBe(0);
    expect(await replayDeadEvents(fixture.billing, form)).toBeNull();
    expect(await auditOf("event.replay-dead")).toMatchObject([{ actor_id: "boss", after: tally }]);
  });

  it("stops at the deadline and reports that it is not complete", async () => {
    const userId = await fixture.signUp();
    await buyWithDeadEvent(userId);
    const tally = await replayDeadEvents(fixture.billing, {
      id: randomUUID(),
      actorId: "boss",
      deadlineMs: performance.now(),
    });
    expect(tally).toMatchObject({ replayed: 0, complete: false });
    expect(await countDeadEvents(fixture.db)).toBe(1);
  });
});
