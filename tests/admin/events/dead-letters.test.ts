import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDeadEvent } from "@/admin/events/dead-letters";
import { stripeEvent } from "@/db/schema";
import { readHealth } from "@/jobs/health";
import { createTestDatabase, type TestDatabase } from "../../support/database";

const now = new Date("2026-05-10T12:00:00Z");
const reason = "the account no longer exists";
const form = () => ({ id: randomUUID(), actorId: "boss", now, reason });
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());

type Status = "pending" | "handled" | "dead";
async function insertEvent(status: Status): Promise<string> {
  const id = `evt_${randomUUID()}`;
  await test.db.insert(stripeEvent).values({
    id,
    type: "x",
    livemode: false,
    payload: {},
    status,
    userId: "mei",
    attempts: 8,
    createdAt: now,
    receivedAt: now,
    nextAttemptAt: now,
    outcome: "gave up after repeated errors",
  });
  return id;
}

const statusOf = async (id: string) =>
  (await test.sql`select status from stripe_event where id::text = ${id}`)[0]?.status;
const auditOf = (action: string) => test.sql`
  select actor_id, target_user_id, reason, before, after from audit_log where action = ${action}`;
/** The number of dead events that the health check reports. */
const deadCount = async () =>
  (await readHealth(test.db, { now, migrations: [], functionSet: null })).inbox.dead;

describe("closeDeadEvent", () => {
  it("closes a dead event once, clears the alarm and audits the admin and the reason", async () => {
    const eventId = await insertEvent("dead");
    expect(await deadCount()).toBe(1);
    await closeDeadEvent(test.db, { eventId, ...form() });
    await closeDeadEvent(test.db, { eventId, ...form() });
    expect(await deadCount()).toBe(0);
    expect(await statusOf(eventId)).toBe("closed");
    expect(await auditOf("event.close")).toEqual([
      {
        actor_id: "boss",
        target_user_id: "mei",
        reason,
        before: { eventId, status: "dead", attempts: 8, outcome: "gave up after repeated errors" },
        after: { status: "closed" },
      },
    ]);
  });

  it.each(["pending", "handled"] as const)("rejects a %s event", async (status) => {
    const eventId = await insertEvent(status);
    const closing = closeDeadEvent(test.db, { eventId, ...form() });
    await expect(closing).rejects.toMatchObject({ code: "invalid_input" });
    expect(await statusOf(eventId)).toBe(status);
  });

  it("rejects an unknown event", async () => {
    const closing = closeDeadEvent(test.db, { eventId: "evt_none", ...form() });
    await expect(closing).rejects.toMatchObject({ code: "not_found" });
  });

  it("acts once per form, even if the event is dead again", async () => {
    const eventId = await insertEvent("dead");
    const input = { eventId, ...form() };
    await closeDeadEvent(test.db, input);
    await test.sql`update stripe_event set status = 'dead' where id = ${eventId}`;
    await closeDeadEvent(test.db, input);
    expect(await statusOf(eventId)).toBe("dead");
    const other = { ...input, reason: "something else" };
    await expect(closeDeadEvent(test.db, other)).rejects.toMatchObject({
      code: "idempotency_conflict",
    });
  });
});
