import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { completeAudit, findAudit, recordAudit } from "@/admin/audit";
import { createTestDatabase, type TestDatabase } from "../support/database";

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());

describe("audit_log", () => {
  it("can be neither updated, deleted from nor truncated by the application", async () => {
    const denied = "permission denied";
    for (const table of ["audit_log", "audit_result"]) {
      await expect(test.sql.unsafe(`delete from ${table}`)).rejects.toThrow(denied);
      await expect(test.sql.unsafe(`truncate ${table}`)).rejects.toThrow(denied);
    }
    await expect(test.sql`update audit_log set actor_id = 'x'`).rejects.toThrow(denied);
    await expect(test.sql`update audit_log set after = '{}'`).rejects.toThrow(denied);
    await expect(test.sql`update audit_result set facts = '{}'`).rejects.toThrow(denied);
  });
});

describe("completeAudit", () => {
  it("adds the facts of results to an entry, the latest of a name last", async () => {
    const id = randomUUID();
    const now = new Date("2026-03-01T08:00:00Z");
    await recordAudit(test.db, {
      id,
      actorId: "boss",
      action: "books.reconcile",
      after: { started: true, status: "running" },
      now,
    });
    await completeAudit(test.db, { id, after: { runId: "run", status: "stopped" } });
    await completeAudit(test.db, { id, after: { status: "done" } });
    expect(await findAudit(test.db, id)).toMatchObject({
      after: { started: true, runId: "run", status: "done" },
    });
  });
});
