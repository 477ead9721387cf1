import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { adjustCredits, spendCredits } from "@/ledger/debit";
import { holdCredits, releaseHold } from "@/ledger/hold";
import { SpendBatcher } from "@/ledger/spend-batcher";
import { listNotices } from "@/notifications/notices";
import { savePreferences } from "@/notifications/preferences";
import { birthInputSchema } from "@/products/bazi/birth/input";
import { createReading } from "@/products/bazi/create-reading";
import { birthLike } from "../products/bazi/births";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { stubEnvironment } from "../support/stub-environment";
import { createUser, daysAfter, emailsOf, grantLot, NOW } from "./notification-fixture";

let database: TestDatabase;
let drainSignals: typeof import("@/jobs/drain-signals").drainSignals;
beforeAll(async () => {
  database = await createTestDatabase();
  stubEnvironment({ DATABASE_URL: database.appUrl });
  ({ drainSignals } = await import("@/jobs/drain-signals"));
});
afterEach(() => expectBooksBalanced(database.sql));
afterAll(() => database.close());

const birth = birthInputSchema.parse(birthLike());

async function userWith(credits: number, fields = {}): Promise<string> {
  const userId = await createUser(database, fields);
  await grantLot(database, { userId, credits, expiresAt: null });
  return userId;
}

const drain = (now = NOW) => drainSignals(database.db, { now, deadlineMs: Infinity });

async function read(userId: string, at = NOW): Promise<void> {
  await createReading(
    database.db,
    { userId, readingId: crypto.randomUUID(), birth, keepInProfile: false },
    () => at,
  );
  await drain(at);
}

const lowNotices = async (userId: string) =>
  (await listNotices(database.db, { userId, limit: 50 })).map(({ kind, facts }) => ({
    kind,
    facts,
  }));

const lowEmails = async (userId: string) =>
  (await emailsOf(database, userId)).map(({ template, props }) => ({ template, props }));

describe("notifyLowBalance", () => {
  it("notifies by email and in the app when a reading leaves less than three more cost", async () => {
    const userId = await userWith(45);
    await read(userId);
    expect(await lowNotices(userId)).toEqual([]);
    await read(userId);
    const facts = { available: 25, cost: 10 };
    expect(await lowNotices(userId)).toEqual([{ kind: "low-balance", facts }]);
    expect(await lowEmails(userId)).toEqual([{ template: "low-balance", props: facts }]);
  });

  it("does nothing while the balance covers three more readings", async () => {
    const userId = await userWith(40);
    await read(userId);
    expect(await lowNotices(userId)).toEqual([]);
    expect(await lowEmails(userId)).toEqual([]);
  });

  it("notifies once when two concurrent readings use up the balance", async () => {
    const userId = await userWith(35);
    await Promise.all([read(userId), read(userId)]);
    expect(await lowNotices(userId)).toHaveLength(1);
    expect(await lowEmails(userId)).toHaveLength(1);
  });

  it("notifies again after the account was credited, by email at most once a week", async () => {
    const userId = await userWith(10);
    await read(userId);
    await grantLot(database, { userId, credits: 10, expiresAt: null });
    await read(userId);
    expect(await lowNotices(userId)).toHaveLength(2);
    expect(await lowEmails(userId)).toHaveLength(1);
    await grantLot(database, { userId, credits: 10, expiresAt: null, now: daysAfter(7) });
    await read(userId, daysAfter(7));
    expect(await lowNotices(userId)).toHaveLength(3);
    expect(await lowEmails(userId)).toHaveLength(2);
  });

  it("respects the user's preferences", async () => {
    const quiet = await userWith(10);
    const change = { lowBalanceByEmail: false };
    await savePreferences(database.db, { userId: quiet, change, now: NOW });
    await read(quiet);
    expect(await lowNotices(quiet)).toHaveLength(1);
    expect(await lowEmails(quiet)).toEqual([]);

    const emailOnly = await userWith(10);
    await savePreferences(database.db, {
      userId: emailOnly,
      change: { lowBalanceInApp: false },
      now: NOW,
    });
    await read(emailOnly);
    expect(await lowNotices(emailOnly)).toEqual([]);
    expect(await lowEmails(emailOnly)).toHaveLength(1);
  });

  it("notifies below three uses by default, and below the user's own threshold", async () => {
    const byDefault = await userWith(50);
    await read(byDefault);
    await read(byDefault);
    expect(await lowNotices(byDefault)).toEqual([]);
    await read(byDefault);
    expect(await lowNotices(byDefault)).toHaveLength(1);

    const chosen = await userWith(50);
    const change = { lowBalanceThreshold: 50 };
    await savePreferences(database.db, { userId: chosen, change, now: NOW });
    await read(chosen);
    expect(await lowNotices(chosen)).toHaveLength(1);

    const late = await userWith(40);
    await savePreferences(database.db, {
      userId: late,
      change: { lowBalanceThreshold: 10 },
      now: NOW,
    });
    for (let count = 0; count < 3; count += 1) await read(late);
    expect(await lowNotices(late)).toEqual([]);
    await read(late);
    expect(await lowNotices(late)).toHaveLength(1);
  });

  it("notifies of spends through the API, alone and in batches", async () => {
    const batcher = new SpendBatcher(database.db);
    const users = await Promise.all(Array.from({ length: 5 }, () => userWith(60)));
    const spends = users.flatMap((userId) =>
      Array.from({ length: 6 }, (_, nth) =>
        batcher.spend({ userId, key: `${nth}`, amount: 9, source: "api", now: NOW }),
      ),
    );
    await Promise.all(spends);
    await drain();
    for (const userId of users) {
      expect(await lowNotices(userId)).toEqual([
        { kind: "low-balance", facts: { available: 6, cost: 10 } },
      ]);
      expect(await lowEmails(userId)).toHaveLength(1);
    }
  });

  it("notifies nobody whose balance is sufficient again", async () => {
    const userId = await userWith(40);
    const hold = { userId, key: "h", amount: 20, source: "api", expiresAt: daysAfter(1), now: NOW };
    await database.db.transaction((tx) => holdCredits(tx, hold));
    const release = { userId, holdKey: "h", key: "r", now: NOW };
    await database.db.transaction((tx) => releaseHold(tx, release));
    await drain();
    expect(await lowNotices(userId)).toEqual([]);
  });

  it("notifies nobody of an adjustment by an admin", async () => {
    const userId = await userWith(40);
    const adjustment = { userId, key: "a", amount: -20, source: "admin", now: NOW };
    await database.db.transaction((tx) => adjustCredits(tx, adjustment));
    await drain();
    expect(await lowNotices(userId)).toEqual([]);
  });

  it("adds nothing when the spend rolls back", async () => {
    const userId = await userWith(35);
    const rolledBack = database.db.transaction(async (tx) => {
      await spendCredits(tx, { userId, key: "s", amount: 10, source: "test", now: NOW });
      throw new Error("changed our mind");
    });
    await expect(rolledBack).rejects.toThrow("changed our mind");
    await drain();
    expect(await lowNotices(userId)).toEqual([]);
  });

  it("does not fail a reading when the address is invalid", async () => {
    const userId = await userWith(10, { email: "not an address" });
    await read(userId);
    expect(await lowNotices(userId)).toHaveLength(1);
    expect(await lowEmails(userId)).toEqual([]);
  });
});
