import { randomUUID } from "node:crypto";
import { addMinutes } from "date-fns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findAudit } from "@/admin/audit";
import { auditReconciliation, startReconciliation } from "@/admin/reconcile";
import { createTestDatabase, type TestDatabase } from "../support/database";

const now = new Date("2026-02-11T08:00:00Z");
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());

describe("startReconciliation", () => {
  it("starts once per form, and not while another reconciliation is running", async () => {
    const form = { id: randomUUID(), actorId: "a", now };
    expect(await startReconciliation(test.db, form)).toBe(true);
    expect(await startReconciliation(test.db, { ...form, id: randomUUID() })).toBe(false);
    const later = addMinutes(now, 5);
    expect(await startReconciliation(test.db, { ...form, now: later })).toBe(false);
    const resumed = { ...form, id: randomUUID(), now: later };
    expect(await startReconciliation(test.db, resumed)).toBe(true);
  });
});

describe("auditReconciliation", () => {
  it("adds the result to the audit entry", async () => {
    const form = { id: randomUUID(), actorId: "a", now: addMinutes(now, 10) };
    expect(await startReconciliation(test.db, form)).toBe(true);
    await auditReconciliation(test.db, { id: form.id, usersChecked: 3, driftedUsers: 0 });
    expect(await findAudit(test.db, form.id)).toMatchObject({
      action: "books.reconcile",
      after: { usersChecked: 3, drifted: 0 },
    });
  });
});
