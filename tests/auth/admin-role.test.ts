import { eq } from "drizzle-orm";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { deleteAccount } from "@/accounts/delete-account";
import { auditQuery, listAudit } from "@/admin/audit";
import { demoteUnlistedAdmins } from "@/auth/admin-role";
import { user } from "@/db/schema";
import { makeUser } from "../admin/factories";
import { createTestDatabase, type TestDatabase } from "../support/database";

const now = new Date("2026-03-02T08:00:00Z");
let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.close());
afterEach(() => test.db.update(user).set({ role: "user" }));

async function makeAdmin(id: string): Promise<void> {
  await makeUser(test.db, { id, role: "admin", emailVerified: true, createdAt: now });
}

async function listAdmins(): Promise<string[]> {
  const admins = await test.db.select().from(user).where(eq(user.role, "admin")).orderBy(user.id);
  return admins.map(({ id }) => id);
}

describe("demoteUnlistedAdmins", () => {
  it("takes the role from admins who are not in the list, once, and audits it", async () => {
    for (const id of ["stays", "leaves"]) await makeAdmin(id);
    const adminEmails = ["Stays@qiflow.example"];
    await demoteUnlistedAdmins(test.db, { adminEmails, now });
    await demoteUnlistedAdmins(test.db, { adminEmails, now });
    expect(await listAdmins()).toEqual(["stays"]);
    const { rows } = await listAudit(test.db, auditQuery.parse({ action: "admin.demote" }));
    expect(rows).toMatchObject([
      { actorId: "operator", targetUserId: "leaves", reason: "not in ADMIN_EMAILS" },
    ]);
  });

  it("changes nothing if the list is empty", async () => {
    await makeAdmin("unlisted");
    await demoteUnlistedAdmins(test.db, { adminEmails: [], now });
    expect(await listAdmins()).toEqual(["unlisted"]);
  });
});

describe("deleteAccount", () => {
  it("refuses to delete the last admin", async () => {
    await makeAdmin("only");
    const deletion = deleteAccount(test.db, { userId: "only", now });
    await expect(deletion).rejects.toMatchObject({ code: "last_admin" });
    expect(await listAdmins()).toEqual(["only"]);
  });

  it("deletes one of two admins who delete their accounts at the same time", async () => {
    for (const id of ["first", "second"]) await makeAdmin(id);
    const deletions = await Promise.allSettled(
      ["first", "second"].map((userId) => deleteAccount(test.db, { userId, now })),
    );
    const refused = deletions.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    expect(refused).toMatchObject([{ code: "last_admin" }]);
    expect(await listAdmins()).toHaveLength(1);
  });

  it("does not count a banned admin", async () => {
    for (const id of ["active", "suspended"]) await makeAdmin(id);
    await test.db.update(user).set({ banned: true }).where(eq(user.id, "suspended"));
    const deletion = deleteAccount(test.db, { userId: "active", now });
    await expect(deletion).rejects.toMatchObject({ code: "last_admin" });
  });
});
