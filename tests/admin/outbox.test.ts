import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findAudit } from "@/admin/audit";
import { closeDeadOutbox, listOutbox, outboxQuery, resendOutbox } from "@/admin/outbox";
import { outbox } from "@/db/schema";
import { readHealth } from "@/jobs/health";
import { createTestDatabase, type TestDatabase } from "../support/database";

const now = new Date("2026-05-10T12:00:00Z");
const reason = "the account no longer exists";
const form = () => ({ id: randomUUID(), actorId: "boss", now, reason });
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());

async function insertEntry(
  status: "pending" | "done" | "dead",
  idempotencyKey: string = randomUUID(),
): Promise<string> {
  const [row] = await test.db
    .insert(outbox)
    .values({
      kind: "email",
      idempotencyKey,
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

const statusOf = async (id: string) =>
  (await test.sql`select status from outbox where id::text = ${id}`)[0]?.status;
const auditOf = (action: string) => test.sql`
  select actor_id, target_user_id, reason, before, after from audit_log where action = ${action}`;
/** The number of dead entries that the health check reports. */
const deadCount = async () =>
  (await readHealth(test.db, { now, migrations: [], functionSet: null })).outbox.dead;

describe("resendOutbox", () => {
  it("moves a dead entry to the head of the queue and audits the admin", async () => {
    const outboxId = await insertEntry("dead", "dead-entry");
    const form = { id: randomUUID(), outboxId, actorId: "boss", now };
    await resendOutbox(test.db, form);
    await resendOutbox(test.db, form);
    const [entry] = await test.ownerSql`
      select status, attempts, next_attempt_at from outbox where id = ${outboxId}`;
    expect(entry).toEqual({ status: "pending", attempts: 0, next_attempt_at: now });
    const audited = await test.ownerSql`
      select actor_id, before from audit_log where action = 'outbox.resend'`;
    expect([...audited]).toEqual([
      { actor_id: "boss", before: { key: "dead-entry", status: "dead", attempts: 8 } },
    ]);
  });

  it("queues a delivered email as a new entry with its own key, once per form", async () => {
    const receipt = {
      template: "purchase-received",
      to: "reader@qiflow.example",
      locale: "en",
      props: {
        name: "Reader",
        item: "pack-basic",
        credits: 100,
        amountCents: 990,
        currency: "usd",
        expiresAt: null,
      },
    };
    const [sent] = await test.db
      .insert(outbox)
      .values({
        kind: "email",
        idempotencyKey: "email:receipt",
        userId: "u3",
        payload: receipt,
        status: "done",
        attempts: 1,
        createdAt: now,
        nextAttemptAt: now,
        doneAt: now,
      })
      .returning();
    const listed = await listOutbox(test.db, outboxQuery.parse({ q: "email:receipt" }));
    expect(listed.rows).toMatchObject([{ canResend: true }]);
    const form = { id: randomUUID(), outboxId: sent?.id ?? "", actorId: "boss", now };
    await resendOutbox(test.db, form);
    await resendOutbox(test.db, form);
    const rows = await test.ownerSql`
      select idempotency_key as key, status, attempts, payload from outbox
      where idempotency_key like 'email:receipt%' order by idempotency_key`;
    expect([...rows]).toEqual([
      { key: "email:receipt", status: "done", attempts: 1, payload: receipt },
      { key: `email:receipt:again:${form.id}`, status: "pending", attempts: 0, payload: receipt },
    ]);
  });

  it("rejects an entry that a worker is delivering and leaves no record", async () => {
    const outboxId = await insertEntry("pending");
    const form = { id: randomUUID(), outboxId, actorId: "boss", now };
    const leasedUntil = new Date(now.getTime() + 1);
    await test.db.update(outbox).set({ leasedUntil }).where(eq(outbox.id, outboxId));
    await expect(resendOutbox(test.db, form)).rejects.toMatchObject({ code: "being_delivered" });
    expect(await findAudit(test.db, form.id)).toBeUndefined();
    await resendOutbox(test.db, { ...form, now: leasedUntil });
    expect(await findAudit(test.db, form.id)).toBeDefined();
  });

  it("rejects a completed or unknown entry", async () => {
    const resend = (outboxId: string) =>
      resendOutbox(test.db, { id: randomUUID(), outboxId, actorId: "boss", now });
    await expect(resend(await insertEntry("done"))).rejects.toMatchObject({
      code: "invalid_input",
    });
    await expect(resend("00000000-0000-4000-8000-000000000000")).rejects.toMatchObject({
      code: "not_found",
    });
  });
});

describe("closeDeadOutbox", () => {
  it("closes a dead outbox entry once and clears the alarm", async () => {
    const outboxId = await insertEntry("dead");
    expect(await deadCount()).toBe(1);
    await closeDeadOutbox(test.db, { outboxId, ...form() });
    await closeDeadOutbox(test.db, { outboxId, ...form() });
    expect(await deadCount()).toBe(0);
    expect(await auditOf("outbox.close")).toMatchObject([
      { actor_id: "boss", target_user_id: "mei", reason },
    ]);
    expect(await statusOf(outboxId)).toBe("closed");
  });

  it.each(["pending", "done"] as const)("rejects a %s entry", async (status) => {
    const outboxId = await insertEntry(status);
    const audited = (await auditOf("outbox.close")).length;
    const closing = closeDeadOutbox(test.db, { outboxId, ...form() });
    await expect(closing).rejects.toMatchObject({ code: "invalid_input" });
    expect(await statusOf(outboxId)).toBe(status);
    expect(await auditOf("outbox.close")).toHaveLength(audited);
  });

  it("rejects an unknown entry", async () => {
    const closing = closeDeadOutbox(test.db, { outboxId: randomUUID(), ...form() });
    await expect(closing).rejects.toMatchObject({ code: "not_found" });
  });

  it("acts once per form, even if the entry is dead again", async () => {
    const outboxId = await insertEntry("dead");
    const input = { outboxId, ...form() };
    await Promise.all([1, 2, 3].map(() => closeDeadOutbox(test.db, input)));
    await test.sql`update outbox set status = 'dead' where id = ${outboxId}`;
    await closeDeadOutbox(test.db, input);
    expect(await statusOf(outboxId)).toBe("dead");
  });
});
