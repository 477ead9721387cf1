import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { closeDeadEvent } from "@/admin/events/dead-letters";
import { closeDeadOutbox } from "@/admin/outbox";
import { outbox, stripeEvent } from "@/db/schema";
import { readHealth } from "@/jobs/health";
import { createTestDatabase, type TestDatabase } from "../support/database";

const now = new Date("2026-05-10T12:00:00Z");
const by = { actorId: "boss", now, reason: "the account no longer exists" };
const form = () => ({ id: randomUUID(), ...by });
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
async function insertEntry(status: "pending" | "done" | "dead"): Promise<string> {
  const [row] = await test.db
    .insert(outbox)
    .values({
      kind: "email",
      idempotencyKey: randomUUID(),
      payload: {},
      status,
      userId: "mei",
      createdAt: now,
      nextAttemptAt: now,
      attempts: 8,
      lastError: "bounced",
    })
    .returning({ id: outbox.id });
  return row?.id ?? "";
}
const statusOf = async (table: "stripe_event" | "outbox", id: string) => {
  const rows = await test.sql`select status from ${test.sql(table)} where id::text = ${id}`;
  return rows[0]?.status;
};
const dead = async () => {
  const health = await readHealth(test.db, { now, migrations: [], functionSet: null });
  return { events: health.inbox.dead, outbox: health.outbox.dead };
};
const auditOf = (action: string) => test.sql`
  select actor_id, target_user_id, reason, before, after from audit_log where action = ${action}`;

describe("closeDeadEvent and closeDeadOutbox", () => {
  it("closes a dead event once, clears the alarm and audits who and why", async () => {
    const eventId = await insertEvent("dead");
    expect((await dead()).events).toBe(1);
    await closeDeadEvent(test.db, { eventId, ...form() });
    await closeDeadEvent(test.db, { eventId, ...form() });
    expect((await dead()).events).toBe(0);
    expect(await statusOf("stripe_event", eventId)).toBe("closed");
    expect(await auditOf("event.close")).toEqual([
      {
        actor_id: "boss",
        target_user_id: "mei",
        reason: by.reason,
        before: { eventId, status: "dead", attempts: 8, outcome: "gave up after repeated errors" },
        after: { status: "closed" },
      },
    ]);
  });

  it("closes a dead outbox entry once and clears the alarm", async () => {
    const outboxId = await insertEntry("dead");
    expect((await dead()).outbox).toBe(1);
    await closeDeadOutbox(test.db, { outboxId, ...form() });
    await closeDeadOutbox(test.db, { outboxId, ...form() });
    expect((await dead()).outbox).toBe(0);
    expect(await auditOf("outbox.close")).toMatchObject([
      { actor_id: "boss", target_user_id: "mei", reason: by.reason },
    ]);
    expect(await statusOf("outbox", outboxId)).toBe("closed");
  });

  it.each(["pending", "handled"] as const)("rejects a %s event", async (status) => {
    const eventId = await insertEvent(status);
    const closing = closeDeadEvent(test.db, { eventId, ...form() });
    await expect(closing).rejects.toMatchObject({ code: "invalid_input" });
    expect(await statusOf("stripe_event", eventId)).toBe(status);
  });

  it.each(["pending", "done"] as const)("rejects a %s entry", async (status) => {
    const outboxId = await insertEntry(status);
    const audited = (await auditOf("outbox.close")).length;
    const closing = closeDeadOutbox(test.db, { outboxId, ...form() });
    await expect(closing).rejects.toMatchObject({ code: "invalid_input" });
    expect(await statusOf("outbox", outboxId)).toBe(status);
    expect(await auditOf("outbox.close")).toHaveLength(audited);
  });

  it("rejects unknown ids", async () => {
    const notFound = { code: "not_found" };
    const event = closeDeadEvent(test.db, { eventId: "evt_none", ...form() });
    await expect(event).rejects.toMatchObject(notFound);
    const entry = closeDeadOutbox(test.db, { outboxId: randomUUID(), ...form() });
    await expect(entry).rejects.toMatchObject(notFound);
  });

  it("acts once per form, even if the row died again", async () => {
    const eventId = await insertEvent("dead");
    const eventForm = { eventId, ...form() };
    await closeDeadEvent(test.db, eventForm);
    await test.sql`update stripe_event set status = 'dead' where id = ${eventId}`;
    await closeDeadEvent(test.db, eventForm);
    expect(await statusOf("stripe_event", eventId)).toBe("dead");
    const outboxId = await insertEntry("dead");
    const outboxForm = { outboxId, ...form() };
    await Promise.all([1, 2, 3].map(() => closeDeadOutbox(test.db, outboxForm)));
    await test.sql`update outbox set status = 'dead' where id = ${outboxId}`;
    await closeDeadOutbox(test.db, outboxForm);
    expect(await statusOf("outbox", outboxId)).toBe("dead");
    await expect(
      closeDeadEvent(test.db, { ...eventForm, reason: "something else" }),
    ).rejects.toMatchObject({ code: "idempotency_conflict" });
  });
});
