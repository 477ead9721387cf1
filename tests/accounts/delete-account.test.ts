import { randomUUID } from "node:crypto";
import { and, eq, like } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteAccount, deleteOwnAccount } from "@/accounts/delete-account";
import { provisionAccount } from "@/accounts/sign-up";
import {
  account,
  outbox,
  passkey,
  session,
  signInEvent,
  subscription,
  twoFactor,
  user,
} from "@/db/schema";
import { storedEmail } from "@/emails/email-content";
import { getBalance } from "@/ledger/reads/balance";
import { creditSchedule } from "@/ledger/schema";
import { InvalidInput, NotFound, RateLimited } from "@/lib/errors";
import { baziProfile } from "@/products/bazi/schema";
import { Browser, PASSWORD, signUp } from "../auth/auth-fixture";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { FREE_CREDITS_POLICY } from "../support/free-credits";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

async function insertSubscription(userId: string): Promise<void> {
  const now = new Date();
  await database.db.insert(subscription).values({
    id: `sub_${userId}`,
    userId,
    customerId: "cus_1",
    priceId: "price_1",
    status: "active",
    createdAt: now,
    fetchedAt: now,
  });
}

async function insertSignIn(userId: string): Promise<void> {
  const id = randomUUID();
  await database.db.insert(signInEvent).values({ id, userId, kind: "sign_in", at: new Date() });
}

async function insertPasskey(userId: string): Promise<void> {
  const key = { id: randomUUID(), userId, publicKey: "key", credentialID: randomUUID() };
  const facts = { counter: 0, deviceType: "singleDevice", backedUp: false };
  await database.db.insert(passkey).values({ ...key, ...facts });
}

describe("deleteAccount", () => {
  it("removes the personal data and keeps the ledger under the user id", async () => {
    const { browser, userId } = await signUp(database.db, "leaver@example.com");
    await browser.post("/two-factor/enable", { password: PASSWORD });
    await insertPasskey(userId);
    await insertSignIn(userId);
    const now = new Date();
    await deleteAccount(database.db, { userId, now });
    const [row] = await database.db.select().from(user).where(eq(user.id, userId));
    expect(row).toMatchObject({ name: "", email: `${userId}@deleted.invalid`, deletedAt: now });
    for (const table of [session, account, twoFactor, passkey, signInEvent, baziProfile]) {
      expect(await database.db.select().from(table).where(eq(table.userId, userId))).toEqual([]);
    }
    const balance = await getBalance(database.db, { userId, at: now });
    expect(balance).toMatchObject({ available: 120, nextAllotment: null });
    const schedules = await database.db
      .select({ nextDueAt: creditSchedule.nextDueAt, endedAt: creditSchedule.endedAt })
      .from(creditSchedule)
      .where(eq(creditSchedule.userId, userId));
    expect(schedules).toEqual([{ nextDueAt: null, endedAt: now }]);
  });

  it("ends all sessions and invalidates the password", async () => {
    const { auth, browser, userId } = await signUp(database.db, "gone@example.com");
    await deleteAccount(database.db, { userId, now: new Date() });
    expect(await (await browser.get("/api/auth/get-session")).text()).toBe("null");
    const response = await new Browser(auth).post("/sign-in/email", {
      email: "gone@example.com",
      password: PASSWORD,
    });
    expect(response.status).toBe(401);
  });

  it("queues the cancellation of the subscriptions at Stripe", async () => {
    const { userId } = await signUp(database.db, "subscriber@example.com");
    await insertSubscription(userId);
    await deleteAccount(database.db, { userId, now: new Date() });
    const calls = await database.db
      .select({ payload: outbox.payload })
      .from(outbox)
      .where(and(eq(outbox.kind, "stripe"), eq(outbox.userId, userId)));
    expect(calls).toHaveLength(1);
    expect(calls[0]?.payload).toMatchObject({ subscriptionId: `sub_${userId}` });
  });

  it("deletes the queued emails and confirms the deletion to the former address", async () => {
    const { userId } = await signUp(database.db, "goodbye@example.com");
    await deleteAccount(database.db, { userId, now: new Date() });
    const emails = await database.db
      .select()
      .from(outbox)
      .where(and(eq(outbox.kind, "email"), like(outbox.idempotencyKey, `%${userId}%`)));
    expect(emails.map((email) => storedEmail.parse(email.payload))).toEqual([
      {
        template: "account-deleted",
        props: {},
        to: "goodbye@example.com",
        locale: "en",
      },
    ]);
    expect(emails[0]?.userId).toBeNull();
  });

  it("succeeds once when called concurrently", async () => {
    const { userId } = await signUp(database.db, "twice@example.com");
    const now = new Date();
    const results = await Promise.allSettled([
      deleteAccount(database.db, { userId, now }),
      deleteAccount(database.db, { userId, now }),
    ]);
    expect(results.map((result) => result.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await expect(deleteAccount(database.db, { userId, now })).rejects.toThrow(NotFound);
  });

  it("frees the address for a new account, which gets no second sign-up credits", async () => {
    const { userId } = await signUp(database.db, "again@example.com");
    await deleteAccount(database.db, { userId, now: new Date() });
    const second = await signUp(database.db, "again@example.com");
    expect(second.userId).not.toBe(userId);
    const balance = await getBalance(database.db, { userId: second.userId, at: new Date() });
    expect(balance.available).toBe(0);
  });

  it("is not undone by a late provisionAccount", async () => {
    const { userId } = await signUp(database.db, "late@example.com");
    await deleteAccount(database.db, { userId, now: new Date() });
    await provisionAccount(database.db, {
      userId,
      policy: FREE_CREDITS_POLICY,
      now: new Date(),
    });
    const rows = await database.db.select().from(baziProfile).where(eq(baziProfile.userId, userId));
    expect(rows).toEqual([]);
  });
});

describe("deleteOwnAccount", () => {
  const isCurrentPassword = async (password: string) => password === PASSWORD;
  const deleteWith = async (userId: string, proof: string) => {
    const [row] = await database.db.select().from(user).where(eq(user.id, userId));
    if (row === undefined) throw new Error("The user is missing.");
    const options = { user: row, proof, isCurrentPassword, secret: "s", now: new Date() };
    await deleteOwnAccount(database.db, options);
  };

  it("accepts only the password of a user who has one", async () => {
    const { userId } = await signUp(database.db, "password@example.com");
    await expect(deleteWith(userId, "wrong")).rejects.toThrow(InvalidInput);
    await expect(deleteWith(userId, "password@example.com")).rejects.toThrow(InvalidInput);
    await deleteWith(userId, PASSWORD);
    await expect(deleteAccount(database.db, { userId, now: new Date() })).rejects.toThrow(NotFound);
  });

  it("accepts only the email address of a user without a password", async () => {
    const { userId } = await signUp(database.db, "social@example.com");
    await database.db.delete(account).where(eq(account.userId, userId));
    await expect(deleteWith(userId, PASSWORD)).rejects.toThrow(InvalidInput);
    await deleteWith(userId, " Social@example.com ");
    await expect(deleteAccount(database.db, { userId, now: new Date() })).rejects.toThrow(NotFound);
  });

  it("throws RateLimited after five attempts", async () => {
    const { userId } = await signUp(database.db, "guessed@example.com");
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await expect(deleteWith(userId, "wrong")).rejects.toThrow(InvalidInput);
    }
    await expect(deleteWith(userId, PASSWORD)).rejects.toThrow(RateLimited);
  });
});
