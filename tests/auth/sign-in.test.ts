import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { session, user } from "@/db/schema";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { Browser, codeOf, PASSWORD, person, testAuth } from "./test-auth";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
});

const sessionAnswer = z.object({ user: z.object({ role: z.string() }) }).nullable();

async function signUp(email: string, auth = testAuth(database.db)) {
  const browser = new Browser(auth);
  const response = await browser.post("/sign-up/email", person(email));
  expect(response.status).toBe(200);
  const [found] = await database.db.select().from(user).where(eq(user.email, email));
  if (found === undefined) throw new Error("the sign-up made no user");
  return { browser, auth, userId: found.id };
}

async function roleSeenBy(browser: Browser): Promise<string | null> {
  const response = await browser.get("/api/auth/get-session");
  const answer = sessionAnswer.parse(await response.json());
  return answer?.user.role ?? null;
}

describe("signing in", () => {
  it("answers a wrong password and an unknown address alike", async () => {
    const { auth } = await signUp("known@example.com");
    const [wrong, unknown] = await Promise.all([
      new Browser(auth).post("/sign-in/email", { email: "known@example.com", password: "wrong" }),
      new Browser(auth).post("/sign-in/email", { email: "none@example.com", password: PASSWORD }),
    ]);
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(await wrong.text()).toBe(await unknown.text());
  });

  it("refuses somebody who is banned, and lets them in when the ban is over", async () => {
    const { auth, userId } = await signUp("banned@example.com");
    const signIn = () =>
      new Browser(auth).post("/sign-in/email", { email: "banned@example.com", password: PASSWORD });
    await database.db.update(user).set({ banned: true }).where(eq(user.id, userId));
    const refused = await signIn();
    expect(refused.status).toBe(403);
    expect(await codeOf(refused)).toBe("BANNED_USER");
    const anHourAgo = new Date(Date.now() - 3_600_000);
    await database.db.update(user).set({ banExpires: anHourAgo }).where(eq(user.id, userId));
    expect((await signIn()).status).toBe(200);
  });

  it("refuses a post from another origin", async () => {
    const { browser } = await signUp("origin@example.com");
    const response = await browser.post("/sign-out", {}, { origin: "https://elsewhere.example" });
    expect(response.status).toBe(403);
  });

  it("believes other ports of this machine only where that was asked for", async () => {
    const origin = { origin: "http://127.0.0.1:4321" };
    const input = { email: "origin@example.com", password: PASSWORD };
    const strict = await new Browser(testAuth(database.db)).post("/sign-in/email", input, origin);
    const laptop = testAuth(database.db, { trustLoopback: true });
    const lenient = await new Browser(laptop).post("/sign-in/email", input, origin);
    expect([strict.status, lenient.status]).toEqual([403, 200]);
  });
});

describe("a session", () => {
  it("sees a change of role at once", async () => {
    const { browser, userId } = await signUp("promoted@example.com");
    expect(await roleSeenBy(browser)).toBe("user");
    await database.db.update(user).set({ role: "admin" }).where(eq(user.id, userId));
    expect(await roleSeenBy(browser)).toBe("admin");
  });

  it("is over once it is deleted", async () => {
    const { browser, userId } = await signUp("ended@example.com");
    await database.db.delete(session).where(eq(session.userId, userId));
    expect(await roleSeenBy(browser)).toBeNull();
  });

  it("of a banned person cannot change the password any more", async () => {
    const { browser, userId } = await signUp("late@example.com");
    await database.db.update(user).set({ banned: true }).where(eq(user.id, userId));
    const response = await browser.post("/change-password", {
      currentPassword: PASSWORD,
      newPassword: "another good password",
    });
    expect(response.status).toBe(403);
  });

  it("is kept when the password is changed, and all others end", async () => {
    const { browser, auth, userId } = await signUp("changer@example.com");
    const other = new Browser(auth);
    await other.post("/sign-in/email", { email: "changer@example.com", password: PASSWORD });
    const response = await browser.post("/change-password", {
      currentPassword: PASSWORD,
      newPassword: "another good password",
      revokeOtherSessions: true,
    });
    expect(response.status).toBe(200);
    expect(await roleSeenBy(browser)).toBe("user");
    expect(await roleSeenBy(other)).toBeNull();
    const rows = await database.db.select().from(session).where(eq(session.userId, userId));
    expect(rows).toHaveLength(1);
  });
});

describe("over HTTP", () => {
  it.each([
    "/admin/set-role",
    "/admin/ban-user",
    "/admin/impersonate-user",
    "/admin/remove-user",
    "/update-user",
    "/update-session",
    "/delete-user",
    "/change-email",
    "/link-social",
    "/list-sessions",
    "/something-new",
  ])("%s does not exist, not even for an admin", async (path) => {
    const { browser, userId } = await signUp(`admin-${path.replaceAll("/", "-")}@example.com`);
    await database.db.update(user).set({ role: "admin" }).where(eq(user.id, userId));
    const response = await browser.post(path, { userId, role: "admin" });
    expect(response.status).toBe(404);
  });
});
