import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { auditQuery, listAudit } from "@/admin/audit";
import { session } from "@/db/schema";
import { pruneAdminAccess } from "@/jobs/retention";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { secretOf, totpCode } from "../support/totp";
import { Browser, createTestAuth, findUser, PASSWORD, signUp } from "./auth-fixture";

const ADDRESS = "198.51.100.4";
const DEVICE = {
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
};
let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
  for (const email of ["boss@example.com", "guest@example.com"]) await signUp(test.db, email);
  await test.ownerSql`update "user" set role = 'admin' where email = 'boss@example.com'`;
});
afterAll(() => test.close());

async function signIn(email: string, password: string, options = {}): Promise<Response> {
  const browser = new Browser(createTestAuth(test.db, options), ADDRESS);
  return browser.post("/sign-in/email", { email, password }, DEVICE);
}

async function readEntries(action: "admin.sign-in" | "admin.refused") {
  return (await listAudit(test.db, auditQuery.parse({ action }))).rows;
}

describe("recordAdminAccess", () => {
  it("adds the sign-in of an admin to the audit log, but not that of a user", async () => {
    const { id: actorId } = await findUser(test.db, "boss@example.com");
    expect((await signIn("Boss@example.com", PASSWORD)).status).toBe(200);
    expect((await signIn("guest@example.com", PASSWORD)).status).toBe(200);
    const sessions = await test.db.select().from(session);
    const after = { route: "/sign-in/email", network: ADDRESS, device: "Firefox, Linux" };
    const [entry, ...others] = await readEntries("admin.sign-in");
    expect(others).toEqual([]);
    expect(entry).toMatchObject({ actorId, after });
    const opened = sessions.find(({ id }) => Reflect.get(Object(entry?.after), "sessionId") === id);
    expect(opened).toMatchObject({ userId: actorId, ipAddress: ADDRESS });
  });

  it("adds refused attempts with an admin's address, at most 60 an hour", async () => {
    const { id: actorId } = await findUser(test.db, "boss@example.com");
    expect((await signIn("boss@example.com", "wrong password")).status).toBe(401);
    expect((await signIn("guest@example.com", "wrong password")).status).toBe(401);
    expect((await signIn("nobody@example.com", "wrong password")).status).toBe(401);
    const after = { status: 401, network: ADDRESS, device: "Firefox, Linux" };
    expect(await readEntries("admin.refused")).toMatchObject([{ actorId, after }]);
    // Beyond the limit by address the attempts are refused without a look at the password.
    const limited = { rateLimited: true };
    const tries = await Promise.all(
      Array.from({ length: 65 }, () => signIn("boss@example.com", "wrong password", limited)),
    );
    expect(tries.map(({ status }) => status)).toContain(429);
    const [count] = await test.sql`select count(*) from audit_log where action = 'admin.refused'`;
    expect(count).toEqual({ count: "60" });
  });

  it("adds a sign-in only once its second factor is right, and every wrong second factor", async () => {
    const email = "second@example.com";
    const { browser, userId: actorId } = await signUp(test.db, email);
    const enabled = await browser.post("/two-factor/enable", { password: PASSWORD });
    const secret = secretOf(z.object({ totpURI: z.url() }).parse(await enabled.json()).totpURI);
    await browser.post("/two-factor/verify-totp", { code: totpCode(secret) });
    await test.ownerSql`update "user" set role = 'admin' where email = ${email}`;
    const entries = async (action: "admin.sign-in" | "admin.refused") =>
      (await readEntries(action)).filter((entry) => entry.actorId === actorId);
    const device = new Browser(createTestAuth(test.db), ADDRESS);
    await device.post("/sign-in/email", { email, password: PASSWORD });
    const verify = (code: string) => device.post("/two-factor/verify-totp", { code });
    expect((await verify("000000")).status).toBe(401);
    expect(await entries("admin.sign-in")).toEqual([]);
    expect(await entries("admin.refused")).toMatchObject([
      { after: { route: "/two-factor/verify-totp", status: 401, network: ADDRESS } },
    ]);
    expect((await verify(totpCode(secret, { periodsAhead: 1 }))).status).toBe(200);
    expect(await entries("admin.sign-in")).toHaveLength(1);
    // In the session, as the console asks for it.
    expect((await verify("000000")).status).toBe(400);
    expect(await entries("admin.refused")).toHaveLength(2);
    expect(await entries("admin.sign-in")).toHaveLength(1);
  });

  it("lets the application delete these entries after a year, and nothing else", async () => {
    const rows = [
      ["admin.refused", 364],
      ["admin.refused", 366],
      ["admin.sign-in", 366],
      ["user.ban", 366],
    ] as const;
    for (const [action, days] of rows) {
      await test.sql`
        insert into audit_log (id, actor_id, action, created_at)
        values (gen_random_uuid(), 'old', ${action}, now() - ${days} * interval '1 day')`;
    }
    const tick = { now: new Date("2030-01-01"), deadlineMs: performance.now() + 60_000 };
    expect(await pruneAdminAccess(test.db, tick)).toBe(true);
    const left = await test.sql`
      select action from audit_log where actor_id = 'old' order by action`;
    expect(left.map(({ action }) => action)).toEqual(["admin.refused", "user.ban"]);
  });
});
