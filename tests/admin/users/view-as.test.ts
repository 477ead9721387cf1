import { randomUUID } from "node:crypto";
import { addMinutes } from "date-fns";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findAudit } from "@/admin/audit";
import { findViewEnd, startView, VIEW_MINUTES } from "@/admin/users/view-as";
import { session, user } from "@/db/schema";
import { NotFound } from "@/lib/errors";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { makeUser } from "../factories";

const now = new Date("2026-03-02T08:00:00Z");
const reason = "a ticket about the ledger";
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  for (const id of ["mei", "lin", "gone"]) await makeUser(test.db, { id, createdAt: now });
  await test.db.update(user).set({ deletedAt: now }).where(eq(user.id, "gone"));
});
afterAll(() => test.close());

const start = (view: { id: string; userId?: string; actorId?: string }) =>
  startView(test.db, { userId: "mei", actorId: "boss", reason, now, ...view });
const endOf = (view: { viewId: string; userId?: string; actorId?: string; now?: Date }) =>
  findViewEnd(test.db, { userId: "mei", actorId: "boss", now, ...view });

describe("startView", () => {
  it("audits who looks at whom and why, once, and opens no session", async () => {
    const id = randomUUID();
    await start({ id });
    await start({ id });
    expect(await findAudit(test.db, id)).toMatchObject({
      action: "user.view",
      actorId: "boss",
      targetUserId: "mei",
      reason,
      after: { minutes: VIEW_MINUTES },
    });
    expect(await test.db.$count(session)).toBe(0);
  });

  it("throws NotFound for an unknown user and for a deleted account", async () => {
    for (const userId of ["nobody", "gone"]) {
      const id = randomUUID();
      await expect(start({ id, userId })).rejects.toThrow(NotFound);
      expect(await findAudit(test.db, id)).toBeUndefined();
    }
  });
});

describe("findViewEnd", () => {
  it("permits only the admin who started the view, for that customer, until it ends", async () => {
    const viewId = randomUUID();
    await start({ id: viewId });
    const endsAt = addMinutes(now, VIEW_MINUTES);
    expect(await endOf({ viewId })).toEqual(endsAt);
    expect(await endOf({ viewId, now: addMinutes(endsAt, -1) })).toEqual(endsAt);
    expect(await endOf({ viewId, now: endsAt })).toBeNull();
    expect(await endOf({ viewId, actorId: "deputy" })).toBeNull();
    expect(await endOf({ viewId, userId: "lin" })).toBeNull();
  });

  it.each(["", "not-a-uuid", randomUUID()])("permits nothing for %j", async (viewId) => {
    expect(await endOf({ viewId })).toBeNull();
  });

  it("permits nothing for an audit entry of another action", async () => {
    const id = randomUUID();
    await test.ownerSql`insert into audit_log (id, actor_id, action, target_user_id, created_at)
      values (${id}, 'boss', 'user.ban', 'mei', ${now})`;
    expect(await endOf({ viewId: id })).toBeNull();
  });
});
