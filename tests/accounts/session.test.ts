import { subMinutes } from "date-fns";
import { millisecondsInHour } from "date-fns/constants";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { outbox, session, twoFactor, user } from "@/db/schema";
import { getBalance } from "@/ledger/reads/balance";
import { NotAllowed, NotSignedIn, ProofRequired, SecondFactorMissing } from "@/lib/errors";
import { APP_URL, Browser, PASSWORD, SECRET, sessionCookie, signUp } from "../auth/auth-fixture";
import { Authenticator } from "../support/authenticator";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { FREE_CREDITS_POLICY } from "../support/free-credits";

// Outside Next there is no request scope. Each test sets the headers of the current request.
const requestScope = vi.hoisted(() => ({ headers: new Headers(), afterCalls: 0 }));
vi.mock("next/headers", () => ({ headers: async () => requestScope.headers }));
vi.mock("next/server", () => ({
  after: () => {
    requestScope.afterCalls += 1;
  },
}));

let database: TestDatabase;
let sessions: typeof import("@/accounts/session");

beforeAll(async () => {
  database = await createTestDatabase();
  const environment = {
    APP_URL,
    BETTER_AUTH_SECRET: SECRET,
    FREE_CREDITS_SECRET: FREE_CREDITS_POLICY.secret,
    DATABASE_URL: database.appUrl,
    STRIPE_SECRET_KEY: "sk_test_x",
    STRIPE_WEBHOOK_SECRET: "whsec_x",
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  sessions = await import("@/accounts/session");
});
beforeEach(() => {
  requestScope.headers = new Headers();
  requestScope.afterCalls = 0;
});
afterAll(async () => {
  const { db } = await import("@/db");
  await db.$client.end({ timeout: 5 });
  await database.close();
});

/** Signs a user up and makes the current request theirs. */
async function requestAs(email: string): Promise<string> {
  const { browser, userId } = await signUp(database.db, email);
  requestScope.headers = browser.headers;
  return userId;
}

/** Makes the current request that of a user whose sign-up hook was lost after the commit. */
async function requestWithoutHook(id: string): Promise<void> {
  const email = `${id}@example.com`;
  await database.db.insert(user).values({ id, name: "Lost Hook", email });
  const token = `token-of-${id}`;
  const expiresAt = new Date(Date.now() + millisecondsInHour);
  await database.db
    .insert(session)
    .values({ id: `session-of-${id}`, token, userId: id, expiresAt });
  requestScope.headers = new Headers({ cookie: sessionCookie(token) });
}

/** Gives a user an authenticator app, which their session confirmed `minutesAgo`, or never. */
async function enrol(userId: string, { minutesAgo }: { minutesAgo: number | null }): Promise<void> {
  const app = { id: userId, userId, secret: "secret", backupCodes: "codes" };
  await database.db.insert(twoFactor).values(app).onConflictDoNothing();
  await database.db.update(user).set({ twoFactorEnabled: true }).where(eq(user.id, userId));
  const secondFactorAt = minutesAgo === null ? null : subMinutes(new Date(), minutesAgo);
  await database.db.update(session).set({ secondFactorAt }).where(eq(session.userId, userId));
}

async function setTimes(
  userId: string,
  { createdMinutesAgo, usedMinutesAgo }: { createdMinutesAgo: number; usedMinutesAgo: number },
): Promise<void> {
  const createdAt = subMinutes(new Date(), createdMinutesAgo);
  const lastUsedAt = subMinutes(new Date(), usedMinutesAgo);
  await database.db
    .update(session)
    .set({ createdAt, lastUsedAt })
    .where(eq(session.userId, userId));
}

describe("getCurrentUser", () => {
  it("returns null without a session", async () => {
    expect(await sessions.getCurrentUser()).toBeNull();
  });

  it("returns the user of the session without secrets", async () => {
    const id = await requestAs("mei@example.com");
    expect(await sessions.getCurrentUser()).toEqual({
      id,
      name: "Mei Lin",
      email: "mei@example.com",
      emailVerified: false,
      role: "user",
      locale: "en",
      timeZone: "UTC",
      createdAt: expect.any(Date),
      sessionId: expect.any(String),
      session: {
        createdAt: expect.any(Date),
        lastUsedAt: null,
        passwordAt: expect.any(Date),
        secondFactorAt: null,
      },
      twoFactorEnabled: false,
    });
  });

  it("ends the session of an admin 12 hours after the sign-in and one hour after its last use", async () => {
    const id = await requestAs("tired@example.com");
    await setTimes(id, { createdMinutesAgo: 13 * 60, usedMinutesAgo: 61 });
    expect((await sessions.getCurrentUser())?.id).toBe(id);
    await database.db.update(user).set({ role: "admin" }).where(eq(user.id, id));
    await setTimes(id, { createdMinutesAgo: 11 * 60, usedMinutesAgo: 59 });
    expect((await sessions.getCurrentUser())?.id).toBe(id);
    await setTimes(id, { createdMinutesAgo: 2 * 60, usedMinutesAgo: 61 });
    expect(await sessions.getCurrentUser()).toBeNull();
    await setTimes(id, { createdMinutesAgo: 1, usedMinutesAgo: 1 });
    expect(await sessions.getCurrentUser(), "the session was deleted").toBeNull();
    await requestAs("tireless@example.com");
    const other = (await sessions.requireUser()).id;
    await database.db.update(user).set({ role: "admin" }).where(eq(user.id, other));
    await setTimes(other, { createdMinutesAgo: 12 * 60 + 1, usedMinutesAgo: 1 });
    expect(await sessions.getCurrentUser()).toBeNull();
  });

  it("returns null for a banned or deleted user whose session still exists", async () => {
    const banned = await requestAs("banned@example.com");
    await database.db.update(user).set({ banned: true }).where(eq(user.id, banned));
    expect(await sessions.getCurrentUser()).toBeNull();
    const deleted = await requestAs("deleted@example.com");
    await database.db.update(user).set({ deletedAt: new Date() }).where(eq(user.id, deleted));
    expect(await sessions.getCurrentUser()).toBeNull();
  });
});

describe("the last use of a session", () => {
  const lastUse = async (userId: string) => {
    const [row] = await database.db.select().from(session).where(eq(session.userId, userId));
    return row?.lastUsedAt?.getTime() ?? null;
  };

  it("is stored by pages and actions, at most once in ten minutes, and not by routes", async () => {
    const id = await requestAs("user-of-pages@example.com");
    await sessions.requireUserPage();
    expect(await lastUse(id), "the sign-in is recent").toBeNull();
    await setTimes(id, { createdMinutesAgo: 30, usedMinutesAgo: 11 });
    const before = await lastUse(id);
    await sessions.requireUser();
    expect(await lastUse(id)).toBe(before);
    await sessions.requireActiveUser();
    expect(Date.now() - ((await lastUse(id)) ?? 0)).toBeLessThan(60_000);
    await setTimes(id, { createdMinutesAgo: 30, usedMinutesAgo: 9 });
    const recent = await lastUse(id);
    await sessions.requireUserPage();
    expect(await lastUse(id)).toBe(recent);
    await setTimes(id, { createdMinutesAgo: 30, usedMinutesAgo: 11 });
    await sessions.requireUserPage();
    expect(Date.now() - ((await lastUse(id)) ?? 0)).toBeLessThan(60_000);
  });
});

describe("requireUser", () => {
  it("throws NotSignedIn without a session", async () => {
    await expect(sessions.requireUser()).rejects.toThrow(NotSignedIn);
  });

  it("returns the signed-in user", async () => {
    const id = await requestAs("required@example.com");
    expect((await sessions.requireUser()).id).toBe(id);
  });
});

describe("requireAdmin", () => {
  it("throws NotAllowed until the user has the role", async () => {
    const id = await requestAs("promoted@example.com");
    await expect(sessions.requireAdmin()).rejects.toThrow(NotAllowed);
    await database.db.update(user).set({ role: "admin" }).where(eq(user.id, id));
    await expect(sessions.requireAdmin()).rejects.toThrow(SecondFactorMissing);
    await enrol(id, { minutesAgo: 0 });
    expect((await sessions.requireAdmin()).id).toBe(id);
  });

  it("throws ProofRequired until the session has confirmed the second factor", async () => {
    const id = await requestAs("unproved@example.com");
    await database.db.update(user).set({ role: "admin" }).where(eq(user.id, id));
    await enrol(id, { minutesAgo: null });
    await expect(sessions.requireAdmin()).rejects.toThrow(ProofRequired);
    await enrol(id, { minutesAgo: 16 });
    expect((await sessions.requireAdmin()).id).toBe(id);
  });

  it("throws ProofRequired for a sensitive action 15 minutes after the last proof", async () => {
    const id = await requestAs("sensitive@example.com");
    await database.db.update(user).set({ role: "admin" }).where(eq(user.id, id));
    await enrol(id, { minutesAgo: 14 });
    expect((await sessions.requireAdmin({ sensitive: true })).id).toBe(id);
    await enrol(id, { minutesAgo: 16 });
    await expect(sessions.requireAdmin({ sensitive: true })).rejects.toThrow(ProofRequired);
  });
});

describe("getCurrentUser after a lost sign-up hook", () => {
  it("provisions the account once and queues the verification email", async () => {
    await requestWithoutHook("lost");
    (await import("@/app/drain-after-response")).drainAfterResponses();
    await Promise.all([sessions.getCurrentUser(), sessions.getCurrentUser()]);
    await sessions.getCurrentUser();
    const balance = await getBalance(database.db, { userId: "lost", at: new Date() });
    expect(balance.available).toBe(120);
    const emails = await database.db.select().from(outbox).where(eq(outbox.userId, "lost"));
    expect(emails).toHaveLength(1);
    expect(requestScope.afterCalls).toBeGreaterThan(0);
    await expectBooksBalanced(database.sql);
  });
});

describe("requireUserPage", () => {
  it("redirects a visitor to the sign-in page with a return path", async () => {
    requestScope.headers = new Headers({ "x-qiflow-path": "/bazi/new?place=beijing" });
    await expect(sessions.requireUserPage()).rejects.toMatchObject({
      digest: expect.stringContaining(";/sign-in?next=%2Fbazi%2Fnew%3Fplace%3Dbeijing;"),
    });
  });

  it("redirects within the language of the page", async () => {
    requestScope.headers = new Headers({ "x-qiflow-path": "/zh/credits" });
    await expect(sessions.requireUserPage()).rejects.toMatchObject({
      digest: expect.stringContaining(";/zh/sign-in?next=%2Fzh%2Fcredits;"),
    });
  });
});

describe("requireAdminPage", () => {
  it("returns a 404 to a user who is not an admin", async () => {
    await requestAs("curious@example.com");
    await expect(sessions.requireAdminPage()).rejects.toMatchObject({
      digest: expect.stringContaining("404"),
    });
  });

  it("redirects an admin without a confirmed second factor to the security page", async () => {
    const id = await requestAs("unsafe@example.com");
    await database.db.update(user).set({ role: "admin" }).where(eq(user.id, id));
    requestScope.headers.set("x-qiflow-path", "/zh/admin/users");
    const digest = expect.stringContaining(";/zh/settings/security?next=%2Fzh%2Fadmin%2Fusers;");
    await expect(sessions.requireAdminPage()).rejects.toMatchObject({ digest });
    await enrol(id, { minutesAgo: null });
    await expect(sessions.requireAdminPage()).rejects.toMatchObject({ digest });
    await enrol(id, { minutesAgo: 60 });
    expect((await sessions.requireAdminPage()).id).toBe(id);
  });

  it("opens to an admin who signed in with a passkey, and not to one with a password only", async () => {
    const { auth, browser, userId } = await signUp(database.db, "passkey-admin@example.com");
    const key = new Authenticator();
    const challengeOf = async (caller: Browser, kind: "register" | "authenticate") => {
      const response = await caller.get(`/api/auth/passkey/generate-${kind}-options`);
      return z.object({ challenge: z.string() }).parse(await response.json());
    };
    const created = key.create(await challengeOf(browser, "register"));
    await browser.post("/passkey/verify-registration", { name: "Laptop", response: created });
    await database.db.update(user).set({ role: "admin" }).where(eq(user.id, userId));
    const other = new Browser(auth);
    const response = key.get(await challengeOf(other, "authenticate"));
    expect((await other.post("/passkey/verify-authentication", { response })).status).toBe(200);
    requestScope.headers = other.headers;
    expect((await sessions.requireAdminPage()).id).toBe(userId);
    const third = new Browser(auth);
    const credentials = { email: "passkey-admin@example.com", password: PASSWORD };
    expect((await third.post("/sign-in/email", credentials)).status).toBe(200);
    requestScope.headers = third.headers;
    requestScope.headers.set("x-qiflow-path", "/admin");
    await expect(sessions.requireAdminPage()).rejects.toMatchObject({
      digest: expect.stringContaining("/settings/security?next=%2Fadmin"),
    });
  });
});
