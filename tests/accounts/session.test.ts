import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { outbox, session, user } from "@/db/schema";
import { getBalance } from "@/ledger/reads/balance";
import { NotAllowed, NotSignedIn } from "@/lib/errors";
import { makeSignature } from "../auth/cookie-signature";
import { APP_URL, Browser, person, SECRET, testAuth } from "../auth/test-auth";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";

// A request's scope exists inside Next only; here each test says which request is being answered.
const scope = vi.hoisted(() => ({ headers: new Headers(), afterwards: 0 }));
vi.mock("next/headers", () => ({ headers: async () => scope.headers }));
vi.mock("next/server", () => ({
  after: () => {
    scope.afterwards += 1;
  },
}));

let database: TestDatabase;
let sessions: typeof import("@/accounts/session");

beforeAll(async () => {
  database = await createTestDatabase();
  const environment = {
    APP_URL,
    BETTER_AUTH_SECRET: SECRET,
    DATABASE_URL: database.appUrl,
    STRIPE_SECRET_KEY: "sk_test_x",
    STRIPE_WEBHOOK_SECRET: "whsec_x",
    STRIPE_PRICE_PRO_MONTHLY: "price_pro_monthly",
    STRIPE_PRICE_PRO_YEARLY: "price_pro_yearly",
    STRIPE_PRICE_LIFETIME: "price_lifetime",
    STRIPE_PRICE_PACK_BASIC: "price_pack_basic",
    STRIPE_PRICE_PACK_STANDARD: "price_pack_standard",
    STRIPE_PRICE_PACK_PREMIUM: "price_pack_premium",
    STRIPE_PRICE_PACK_ENTERPRISE: "price_pack_enterprise",
  };
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
  sessions = await import("@/accounts/session");
});
beforeEach(() => {
  scope.headers = new Headers();
  scope.afterwards = 0;
});
afterAll(async () => {
  const { db } = await import("@/db");
  await db.$client.end({ timeout: 5 });
  await database.close();
});

/** Signs somebody up and makes theirs the request that is answered. */
async function answerRequestOf(email: string): Promise<string> {
  const browser = new Browser(testAuth(database.db));
  await browser.post("/sign-up/email", person(email));
  scope.headers = browser.headers;
  const [found] = await database.db.select().from(user).where(eq(user.email, email));
  if (found === undefined) throw new Error("the sign-up made no user");
  return found.id;
}

/** Signed in, but the process died between the commit of the sign-up and its hook. */
async function answerRequestWithoutHook(id: string): Promise<void> {
  const email = `${id}@example.com`;
  await database.db.insert(user).values({ id, name: "Lost Hook", email });
  const token = `token-of-${id}`;
  const expiresAt = new Date(Date.now() + 3_600_000);
  await database.db
    .insert(session)
    .values({ id: `session-of-${id}`, token, userId: id, expiresAt });
  const signature = await makeSignature(token, SECRET);
  const cookie = `qiflow.session_token=${encodeURIComponent(`${token}.${signature}`)}`;
  scope.headers = new Headers({ cookie });
}

describe("who is asking", () => {
  it("is nobody without a session", async () => {
    expect(await sessions.getCurrentUser()).toBeNull();
    await expect(sessions.requireUser()).rejects.toThrow(NotSignedIn);
  });

  it("is the person of the session, without secrets", async () => {
    const id = await answerRequestOf("mei@example.com");
    expect(await sessions.requireUser()).toEqual({
      id,
      name: "Mei Lin",
      email: "mei@example.com",
      emailVerified: false,
      role: "user",
      locale: "en",
      timeZone: "UTC",
      createdAt: expect.any(Date),
      sessionId: expect.any(String),
    });
  });

  it("is nobody once they are banned or deleted, though the session is still there", async () => {
    const banned = await answerRequestOf("banned@example.com");
    await database.db.update(user).set({ banned: true }).where(eq(user.id, banned));
    expect(await sessions.getCurrentUser()).toBeNull();
    const deleted = await answerRequestOf("deleted@example.com");
    await database.db.update(user).set({ deletedAt: new Date() }).where(eq(user.id, deleted));
    expect(await sessions.getCurrentUser()).toBeNull();
  });

  it("may not act as an admin without the role, and may from the moment it is given", async () => {
    const id = await answerRequestOf("promoted@example.com");
    await expect(sessions.requireAdmin()).rejects.toThrow(NotAllowed);
    await database.db.update(user).set({ role: "admin" }).where(eq(user.id, id));
    expect((await sessions.requireAdmin()).id).toBe(id);
  });
});

describe("the first request after a sign-up whose hook was lost", () => {
  it("grants the credits, makes the profile and has the address verified, all once", async () => {
    await answerRequestWithoutHook("lost");
    await Promise.all([sessions.getCurrentUser(), sessions.getCurrentUser()]);
    await sessions.getCurrentUser();
    const balance = await getBalance(database.db, { userId: "lost", at: new Date() });
    expect(balance.available).toBe(120);
    const mails = await database.db.select().from(outbox).where(eq(outbox.userId, "lost"));
    expect(mails).toHaveLength(1);
    expect(scope.afterwards).toBeGreaterThan(0);
    await expectBooksBalanced(database.sql);
  });
});

describe("a page that needs somebody", () => {
  it("sends a visitor to sign in and knows the way back", async () => {
    scope.headers = new Headers({ "x-qiflow-path": "/bazi/new?place=beijing" });
    await expect(sessions.requireUserPage()).rejects.toMatchObject({
      digest: expect.stringContaining(";/sign-in?next=%2Fbazi%2Fnew%3Fplace%3Dbeijing;"),
    });
  });

  it("keeps the language", async () => {
    scope.headers = new Headers({ "x-qiflow-path": "/zh/credits" });
    await expect(sessions.requireUserPage()).rejects.toMatchObject({
      digest: expect.stringContaining(";/zh/sign-in?next=%2Fzh%2Fcredits;"),
    });
  });

  it("does not exist for somebody who is no admin", async () => {
    await answerRequestOf("curious@example.com");
    await expect(sessions.requireAdminPage()).rejects.toMatchObject({
      digest: expect.stringContaining("404"),
    });
  });
});
