import { and, eq, like } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteAccount } from "@/accounts/delete-account";
import { provisionAccount } from "@/accounts/sign-up";
import { account, baziProfile, outbox, session, subscription, user } from "@/db/schema";
import { storedEmail } from "@/emails/email-content";
import { getBalance } from "@/ledger/reads/balance";
import { creditSchedule } from "@/ledger/schema";
import { NotFound } from "@/lib/errors";
import { Browser, PASSWORD, person, testAuth } from "../auth/test-auth";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

async function signUp(email: string) {
  const auth = testAuth(database.db);
  const browser = new Browser(auth);
  await browser.post("/sign-up/email", person(email));
  const [found] = await database.db.select().from(user).where(eq(user.email, email));
  if (found === undefined) throw new Error("the sign-up made no user");
  return { auth, browser, userId: found.id };
}

async function subscribe(userId: string): Promise<void> {
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

describe("deleting an account", () => {
  it("takes the person out and keeps ledger and books under the bare id", async () => {
    const { userId } = await signUp("leaver@example.com");
    const now = new Date();
    await deleteAccount(database.db, { userId, now });
    const [row] = await database.db.select().from(user).where(eq(user.id, userId));
    expect(row).toMatchObject({ name: "", email: `${userId}@deleted.invalid`, deletedAt: now });
    for (const table of [session, account, baziProfile]) {
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

  it("signs the person out everywhere and lets nobody in with the old password", async () => {
    const { auth, browser, userId } = await signUp("gone@example.com");
    await deleteAccount(database.db, { userId, now: new Date() });
    expect(await (await browser.get("/api/auth/get-session")).text()).toBe("null");
    const response = await new Browser(auth).post("/sign-in/email", {
      email: "gone@example.com",
      password: PASSWORD,
    });
    expect(response.status).toBe(401);
  });

  it("asks Stripe to cancel what runs there", async () => {
    const { userId } = await signUp("subscriber@example.com");
    await subscribe(userId);
    await deleteAccount(database.db, { userId, now: new Date() });
    const calls = await database.db
      .select({ payload: outbox.payload })
      .from(outbox)
      .where(and(eq(outbox.kind, "stripe"), eq(outbox.userId, userId)));
    expect(calls).toHaveLength(1);
    expect(calls[0]?.payload).toMatchObject({ subscriptionId: `sub_${userId}` });
  });

  it("forgets the mails, but says goodbye to the address it had", async () => {
    const { userId } = await signUp("goodbye@example.com");
    await deleteAccount(database.db, { userId, now: new Date() });
    const mails = await database.db
      .select()
      .from(outbox)
      .where(and(eq(outbox.kind, "email"), like(outbox.idempotencyKey, `%${userId}%`)));
    expect(mails.map((mail) => storedEmail.parse(mail.payload))).toEqual([
      {
        template: "account-deleted",
        props: { name: "Mei Lin" },
        to: "goodbye@example.com",
        locale: "en",
      },
    ]);
    expect(mails[0]?.userId).toBeNull();
  });

  it("happens once, also from two tabs at the same moment", async () => {
    const { userId } = await signUp("twice@example.com");
    const now = new Date();
    const results = await Promise.allSettled([
      deleteAccount(database.db, { userId, now }),
      deleteAccount(database.db, { userId, now }),
    ]);
    expect(results.map((result) => result.status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await expect(deleteAccount(database.db, { userId, now })).rejects.toThrow(NotFound);
  });

  it("frees the address, and whoever signs up with it starts anew", async () => {
    const { userId } = await signUp("again@example.com");
    await deleteAccount(database.db, { userId, now: new Date() });
    const second = await signUp("again@example.com");
    expect(second.userId).not.toBe(userId);
    const balance = await getBalance(database.db, { userId: second.userId, at: new Date() });
    expect(balance.available).toBe(120);
  });

  it("is not undone by a late repetition of the sign-up's hook", async () => {
    const { userId } = await signUp("late@example.com");
    await deleteAccount(database.db, { userId, now: new Date() });
    await provisionAccount(database.db, { userId, now: new Date() });
    const rows = await database.db.select().from(baziProfile).where(eq(baziProfile.userId, userId));
    expect(rows).toEqual([]);
  });
});
