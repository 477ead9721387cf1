import { millisecondsInHour } from "date-fns/constants";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { session, user } from "@/db/schema";
import { logger } from "@/lib/logger";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { Browser, createTestAuth, errorCodeOf, PASSWORD, signUp } from "./auth-fixture";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await database.close();
});

const sessionResponse = z.object({ user: z.object({ role: z.string() }) }).nullable();

/** Returns the role of the signed-in user, or null without a session. */
async function sessionRole(browser: Browser): Promise<string | null> {
  const response = await browser.get("/api/auth/get-session");
  const session = sessionResponse.parse(await response.json());
  return session?.user.role ?? null;
}

describe("POST /sign-in/email", () => {
  it("responds identically to a wrong password and an unknown address", async () => {
    const { auth } = await signUp(database.db, "known@example.com");
    const [wrong, unknown] = await Promise.all([
      new Browser(auth).post("/sign-in/email", { email: "known@example.com", password: "wrong" }),
      new Browser(auth).post("/sign-in/email", { email: "none@example.com", password: PASSWORD }),
    ]);
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(await wrong.text()).toBe(await unknown.text());
  });

  it("refuses a banned user until the ban expires", async () => {
    const { auth, userId } = await signUp(database.db, "banned@example.com");
    const signIn = () =>
      new Browser(auth).post("/sign-in/email", { email: "banned@example.com", password: PASSWORD });
    await database.db.update(user).set({ banned: true }).where(eq(user.id, userId));
    const refused = await signIn();
    expect(refused.status).toBe(403);
    expect(await errorCodeOf(refused)).toBe("BANNED_USER");
    const anHourAgo = new Date(Date.now() - millisecondsInHour);
    await database.db.update(user).set({ banExpires: anHourAgo }).where(eq(user.id, userId));
    expect((await signIn()).status).toBe(200);
  });

  it("refuses a request from another origin", async () => {
    const { browser } = await signUp(database.db, "origin@example.com");
    const response = await browser.post("/sign-out", {}, { origin: "https://elsewhere.example" });
    expect(response.status).toBe(403);
  });

  it("trusts other loopback ports only with trustLoopback", async () => {
    const origin = { origin: "http://127.0.0.1:4321" };
    const input = { email: "origin@example.com", password: PASSWORD };
    const strict = await new Browser(createTestAuth(database.db)).post(
      "/sign-in/email",
      input,
      origin,
    );
    const laptop = createTestAuth(database.db, { trustLoopback: true });
    const lenient = await new Browser(laptop).post("/sign-in/email", input, origin);
    expect([strict.status, lenient.status]).toEqual([403, 200]);
  });
});

describe("session", () => {
  it("reflects a role change immediately", async () => {
    const { browser, userId } = await signUp(database.db, "promoted@example.com");
    expect(await sessionRole(browser)).toBe("user");
    await database.db.update(user).set({ role: "admin" }).where(eq(user.id, userId));
    expect(await sessionRole(browser)).toBe("admin");
  });

  it("ends when it is deleted", async () => {
    const { browser, userId } = await signUp(database.db, "ended@example.com");
    await database.db.delete(session).where(eq(session.userId, userId));
    expect(await sessionRole(browser)).toBeNull();
  });

  it("cannot change the password of a banned user", async () => {
    const { browser, userId } = await signUp(database.db, "late@example.com");
    await database.db.update(user).set({ banned: true }).where(eq(user.id, userId));
    const response = await browser.post("/change-password", {
      currentPassword: PASSWORD,
      newPassword: "another good password",
    });
    expect(response.status).toBe(403);
  });

  it("survives a password change, which ends all other sessions", async () => {
    const { browser, auth, userId } = await signUp(database.db, "changer@example.com");
    const other = new Browser(auth);
    await other.post("/sign-in/email", { email: "changer@example.com", password: PASSWORD });
    const response = await browser.post("/change-password", {
      currentPassword: PASSWORD,
      newPassword: "another good password",
      revokeOtherSessions: true,
    });
    expect(response.status).toBe(200);
    expect(await sessionRole(browser)).toBe("user");
    expect(await sessionRole(other)).toBeNull();
    const rows = await database.db.select().from(session).where(eq(session.userId, userId));
    expect(rows).toHaveLength(1);
  });
});

describe("exposedRoutesOnly", () => {
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
  ])("returns 404 for %s, even to an admin", async (path) => {
    const { browser, userId } = await signUp(
      database.db,
      `admin-${path.replaceAll("/", "-")}@example.com`,
    );
    await database.db.update(user).set({ role: "admin" }).where(eq(user.id, userId));
    const response = await browser.post(path, { userId, role: "admin" });
    expect(response.status).toBe(404);
  });
});

describe("the texts of an auth request", () => {
  it.each<[string, object]>([
    ["/sign-up/email", { name: "\u202eMei", email: "a@example.com", password: PASSWORD }],
    ["/sign-up/email", { name: "Mei", email: "a@example.com", password: `${PASSWORD}\0` }],
    ["/sign-in/email", { email: "a@example.com", password: "\ud800" }],
    ["/reset-password", { token: "\0", newPassword: PASSWORD }],
    ["/reset-password", { token: "a", newPassword: PASSWORD, more: { "a\0": 1 } }],
    ["/request-password-reset", { email: "a\0@example.com" }],
  ])("are refused with a sentence by %s: %j", async (path, body) => {
    const response = await new Browser(createTestAuth(database.db)).post(path, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ message: expect.stringMatching(/./) });
  });

  it("are refused in a query", async () => {
    const browser = new Browser(createTestAuth(database.db));
    const response = await browser.get("/api/auth/verify-email?token=%00");
    expect(response.status).toBe(400);
  });
});

describe("refused auth requests", () => {
  it("are not logged as errors", async () => {
    const logged = vi.spyOn(logger, "error");
    const google = { clientId: "id", clientSecret: "secret" };
    const browser = new Browser(createTestAuth(database.db, { google }));
    const guess = { email: "a@example.com", password: "a guess" };
    const responses = [
      await browser.post("/sign-in/email", guess, {
        origin: "https://evil.example",
        cookie: "a=b",
      }),
      await browser.post("/sign-in/email", { ...guess, callbackURL: "https://evil.example" }),
      await browser.post("/sign-in/email", guess),
      await browser.post("/sign-in/social", { provider: "github" }),
      await browser.post("/sign-in/social", { provider: "google", idToken: { token: "x" } }),
      await browser.post("/request-password-reset", { ...guess, redirectTo: "//evil.example" }),
      await browser.get("/api/auth/callback/google?state=garbage&code=x"),
      await browser.get("/api/auth/callback/google?code=x"),
      await browser.get("/api/auth/callback/github?state=garbage&code=x"),
      await browser.get("/api/auth/verify-email?token=x&callbackURL=https://evil.example"),
      await browser.get("/api/auth/error?error=anything"),
    ];
    expect(responses.map(({ status }) => status).filter((status) => status >= 500)).toEqual([]);
    const messages = logged.mock.calls.map(([, message]) => message);
    logged.mockRestore();
    expect(messages).toEqual([]);
  });
});
