import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditQuery, findAudit, listAudit } from "@/admin/audit";
import { endSession, setBanned } from "@/admin/users/access";
import { findUser } from "@/admin/users/user";
import { signOutDevice } from "@/auth/sessions";
import { session } from "@/db/schema";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { makeUser } from "../factories";

const createdAt = new Date("2026-03-01T08:00:00Z");
const now = new Date("2026-03-02T08:00:00Z");
const expiresAt = new Date("2027-01-01");
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  for (const id of ["banned", "pardoned", "other", "owner"])
    await makeUser(test.db, { id, createdAt });
});
afterAll(() => test.close());

describe("setBanned", () => {
  const input = { reason: "abuse", actorId: "boss", now };

  it("deletes the user's sessions, lifts the ban later and audits both", async () => {
    await test.db.insert(session).values({ id: "s0", token: "t0", userId: "banned", expiresAt });
    const ban = { ...input, userId: "banned" };
    await setBanned(test.db, { ...ban, id: randomUUID(), banned: true });
    expect(await findUser(test.db, "banned")).toMatchObject({ banned: true, banReason: "abuse" });
    expect(await test.ownerSql`select id from session where user_id = 'banned'`).toEqual([]);
    await setBanned(test.db, { ...ban, id: randomUUID(), banned: false, now: createdAt });
    expect(await findUser(test.db, "banned")).toMatchObject({ banned: false, banReason: null });
    const { rows } = await listAudit(test.db, auditQuery.parse({ q: "banned" }));
    expect(rows.map((row) => row.action)).toEqual(["user.ban", "user.unban"]);
  });

  it("rejects admins who ban themselves", async () => {
    const ban = { ...input, id: randomUUID(), userId: "boss", banned: true };
    await expect(setBanned(test.db, ban)).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("does not ban again when a form is repeated after the ban was lifted", async () => {
    const ban = { ...input, id: randomUUID(), userId: "pardoned", banned: true };
    const unban = { ...input, id: randomUUID(), userId: "pardoned", banned: false };
    await setBanned(test.db, ban);
    await setBanned(test.db, unban);
    await setBanned(test.db, ban);
    expect(await findUser(test.db, "pardoned")).toMatchObject({ banned: false });
    const records = await test.ownerSql`
      select id, action from audit_log where target_user_id = 'pardoned' order by created_at, action`;
    expect([...records]).toEqual([
      { id: ban.id, action: "user.ban" },
      { id: unban.id, action: "user.unban" },
    ]);
  });

  it("refuses to ban the last admin, also when two admins ban each other", async () => {
    const admin = { role: "admin", createdAt };
    for (const id of ["left", "right"]) await makeUser(test.db, { id, ...admin });
    for (let round = 0; round < 5; round += 1) {
      const ban = (actorId: string, userId: string) =>
        setBanned(test.db, { ...input, actorId, userId, id: randomUUID(), banned: true });
      const bans = await Promise.allSettled([ban("left", "right"), ban("right", "left")]);
      const refused = bans.flatMap((result) => (result.status === "rejected" ? [result] : []));
      expect(refused).toMatchObject([{ reason: { code: "last_admin" } }]);
      const isLeft = bans[1]?.status === "fulfilled";
      const [banned, actor] = isLeft ? ["left", "right"] : ["right", "left"];
      const lift = { ...input, actorId: actor ?? "", userId: banned ?? "", id: randomUUID() };
      await setBanned(test.db, { ...lift, banned: false });
    }
  });

  it("rejects a repeated form with another user, reason or admin", async () => {
    const ban = { ...input, id: randomUUID(), userId: "pardoned", banned: true };
    await setBanned(test.db, ban);
    const changes: Partial<typeof ban>[] = [
      { userId: "other" },
      { reason: "another", banned: false },
      { actorId: "another", banned: false },
    ];
    for (const change of changes)
      await expect(setBanned(test.db, { ...ban, ...change })).rejects.toMatchObject({
        code: "idempotency_conflict",
      });
  });
});

describe("endSession", () => {
  it("signs out one device once, audits it and rejects another user's session", async () => {
    const dates = { createdAt, updatedAt: createdAt, expiresAt };
    await test.db.insert(session).values([
      { id: "s1", token: "t1", userId: "owner", ...dates },
      { id: "s2", token: "t2", userId: "other", ...dates },
    ]);
    const end = { id: randomUUID(), userId: "owner", sessionId: "s1", actorId: "boss", now };
    await endSession(test.db, end, signOutDevice);
    await endSession(test.db, end, signOutDevice);
    const foreign = { ...end, id: randomUUID(), sessionId: "s2" };
    await expect(endSession(test.db, foreign, signOutDevice)).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await test.db.select({ id: session.id }).from(session)).toEqual([{ id: "s2" }]);
    expect(await findAudit(test.db, end.id)).toMatchObject({ before: { sessionId: "s1" } });
    expect(await findAudit(test.db, foreign.id)).toBeUndefined();
  });
});
