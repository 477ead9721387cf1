import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteAccount } from "@/accounts/delete-account";
import { updateProfile } from "@/accounts/update-profile";
import type { Transaction } from "@/db/client";
import {
  account,
  dailySignIn,
  expiryReminder,
  notification,
  notificationPreference,
  outbox,
  session,
  user,
} from "@/db/schema";
import { grantCredits } from "@/ledger/grant";
import { getBalance } from "@/ledger/reads/balance";
import { savePreferences } from "@/notifications/preferences";
import { remindOfExpiry } from "@/notifications/remind-of-expiry";
import { birthInputSchema } from "@/products/bazi/birth/input";
import { createReading } from "@/products/bazi/create-reading";
import { saveProfile } from "@/products/bazi/profile";
import { baziProfile, baziReading } from "@/products/bazi/schema";
import { signInDaily } from "@/rewards/daily-sign-in";
import { Browser, PASSWORD, signUp } from "../auth/auth-fixture";
import { birthLike } from "../products/bazi/births";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";

const birth = birthInputSchema.parse(birthLike());
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

const PERSONAL_TABLES = {
  account,
  baziProfile,
  baziReading,
  dailySignIn,
  expiryReminder,
  notification,
  notificationPreference,
  outbox,
  session,
};

/** The tables that have rows of a user. */
async function tablesWithRowsOf(userId: string): Promise<string[]> {
  const counts = await Promise.all(
    Object.entries(PERSONAL_TABLES).map(async ([name, table]) => {
      const count = await database.db.$count(table, eq(table.userId, userId));
      return count > 0 ? [name] : [];
    }),
  );
  return counts.flat();
}

/** Waits until `count` connections wait for a lock. */
async function waitForBlocked(count: number): Promise<void> {
  await expect
    .poll(
      async () => {
        const [row] = await database.sql<{ blocked: number }[]>`
          select count(*)::integer as blocked from pg_stat_activity
          where datname = current_database() and wait_event_type = 'Lock'`;
        return row?.blocked;
      },
      { timeout: 20_000, interval: 20 },
    )
    .toBeGreaterThanOrEqual(count);
}

/** Runs a deletion and then a writer while another transaction holds the user's row. */
async function writeBehindDeletion(userId: string, write: () => Promise<unknown>) {
  let deletion: Promise<void> | undefined;
  let writing: Promise<unknown> | undefined;
  await database.db.transaction(async (tx: Transaction) => {
    await tx.execute(sql`select from "user" where id = ${userId} for update`);
    deletion = deleteAccount(database.db, { userId, now: new Date() });
    await waitForBlocked(1);
    writing = write().catch((error: unknown) => error);
    await waitForBlocked(2);
  });
  await deletion;
  return writing;
}

function readingOf(userId: string) {
  return { userId, readingId: crypto.randomUUID(), birth, keepInProfile: true };
}

describe("a writer of personal data behind a deletion", () => {
  const writers: Record<string, (userId: string) => Promise<unknown>> = {
    createReading: (userId) => createReading(database.db, readingOf(userId), () => new Date()),
    saveProfile: (userId) => saveProfile(database.db, { userId, birth, now: new Date() }),
    updateProfile: (userId) =>
      updateProfile(database.db, {
        userId,
        profile: { name: "Returned", locale: "en", timeZone: "UTC" },
        now: new Date(),
      }),
    savePreferences: (userId) =>
      savePreferences(database.db, {
        userId,
        change: { lowBalanceByEmail: false },
        now: new Date(),
      }),
    signInDaily: (userId) =>
      database.db.transaction((tx) => signInDaily(tx, { userId, now: new Date() })),
  };

  it.each(Object.keys(writers))("stores nothing and throws NotFound (%s)", async (name) => {
    const { userId } = await signUp(database.db, `${name.toLowerCase()}@example.com`);
    const error = await writeBehindDeletion(userId, async () => writers[name]?.(userId));
    expect(error).toMatchObject({ code: "not_found" });
    expect(await tablesWithRowsOf(userId)).toEqual([]);
    const [row] = await database.db.select().from(user).where(eq(user.id, userId));
    expect(row?.name).toBe("");
    const balance = await getBalance(database.db, { userId, at: new Date() });
    expect(balance).toMatchObject({ available: 120, held: 0 });
  });

  it("stores no session for a sign-in", async () => {
    const { auth, userId } = await signUp(database.db, "returning@example.com");
    const browser = new Browser(auth);
    await writeBehindDeletion(userId, () =>
      browser.post("/sign-in/email", { email: "returning@example.com", password: PASSWORD }),
    );
    expect(await tablesWithRowsOf(userId)).toEqual([]);
    expect(await (await browser.get("/api/auth/get-session")).text()).toBe("null");
  });

  it("queues no email for a password reset", async () => {
    const { auth, userId } = await signUp(database.db, "forgetful@example.com");
    // The response waits for the email to be queued.
    const response = await writeBehindDeletion(userId, () =>
      new Browser(auth).post("/request-password-reset", { email: "forgetful@example.com" }),
    );
    expect(response).toMatchObject({ status: 200 });
    expect(await tablesWithRowsOf(userId)).toEqual([]);
  });

  it("stores no reminder with remindOfExpiry", async () => {
    const { userId } = await signUp(database.db, "reminded@example.com");
    const now = new Date();
    await database.db.transaction((tx) =>
      grantCredits(tx, {
        userId,
        key: "test:expiring",
        amount: 10,
        type: "ADMIN_ADJUST",
        source: "test",
        expiresAt: new Date(now.getTime() + 3_600_000),
        paid: false,
        now,
      }),
    );
    await writeBehindDeletion(userId, () =>
      remindOfExpiry(database.db, { now, deadlineMs: Infinity }),
    );
    expect(await tablesWithRowsOf(userId)).toEqual([]);
  });
});

describe("readings in flight during a deletion", () => {
  it.each([0, 5, 20, 60])(
    "are neither stored nor charged halfway if it comes after %i ms",
    async (delayMs) => {
      const { userId } = await signUp(database.db, `in-flight-${delayMs}@example.com`);
      const readings = Array.from({ length: 6 }, () =>
        createReading(database.db, readingOf(userId), () => new Date()),
      );
      const settled = Promise.allSettled(readings);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await deleteAccount(database.db, { userId, now: new Date() });
      const results = await settled;
      const paid = results.filter(({ status }) => status === "fulfilled").length;
      const balance = await getBalance(database.db, { userId, at: new Date() });
      expect(balance).toMatchObject({ available: 120 - 10 * paid, held: 0 });
      expect(await tablesWithRowsOf(userId)).toEqual([]);
    },
  );
});
