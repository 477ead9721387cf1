import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { savePreferences } from "@/notifications/preferences";
import { listNotices } from "@/notifications/queries";
import { tellLowBalance } from "@/notifications/tell-low-balance";
import { birthInputSchema } from "@/products/bazi/birth/input";
import { createReading } from "@/products/bazi/create-reading";
import { birthLike } from "../products/bazi/births";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { daysOn, grantLot, mailsOf, NOW, somebody } from "./people";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(() => expectBooksBalanced(database.sql));
afterAll(() => database.close());

const birth = birthInputSchema.parse(birthLike());

/** Somebody with so many credits. */
async function someoneWith(credits: number, person = {}): Promise<string> {
  const userId = await somebody(database, person);
  await grantLot(database, { userId, credits, expiresAt: null });
  return userId;
}

const read = (userId: string, at = NOW) =>
  createReading(
    database.db,
    { userId, readingId: crypto.randomUUID(), birth, keepInProfile: false },
    () => at,
  );

const lowNotices = async (userId: string) =>
  (await listNotices(database.db, { userId, limit: 50 })).map(({ kind, facts }) => ({
    kind,
    facts,
  }));

const lowMails = async (userId: string) =>
  (await mailsOf(database, userId)).map(({ template, props }) => ({ template, props }));

describe("a low balance", () => {
  it("is told by mail and in the app when a reading leaves less than the next one costs", async () => {
    const userId = await someoneWith(25);
    await read(userId);
    expect(await lowNotices(userId)).toEqual([]);
    await read(userId);
    const facts = { available: 5, cost: 10 };
    expect(await lowNotices(userId)).toEqual([{ kind: "low-balance", facts }]);
    const props = { name: "Mei Lin", available: 5, readingCost: 10 };
    expect(await lowMails(userId)).toEqual([{ template: "low-balance", props }]);
  });

  it("is not told while another reading can still be paid", async () => {
    const userId = await someoneWith(20);
    await read(userId);
    expect(await lowNotices(userId)).toEqual([]);
    expect(await lowMails(userId)).toEqual([]);
  });

  it("is told once when two readings at once use up the balance", async () => {
    const userId = await someoneWith(25);
    await Promise.all([read(userId), read(userId)]);
    expect(await lowNotices(userId)).toHaveLength(1);
    expect(await lowMails(userId)).toHaveLength(1);
  });

  it("is told again after credits came in, but by mail once a week at most", async () => {
    const userId = await someoneWith(10);
    await read(userId);
    await grantLot(database, { userId, credits: 10, expiresAt: null });
    await read(userId);
    expect(await lowNotices(userId)).toHaveLength(2);
    expect(await lowMails(userId)).toHaveLength(1);
    await grantLot(database, { userId, credits: 10, expiresAt: null, now: daysOn(7) });
    await read(userId, daysOn(7));
    expect(await lowNotices(userId)).toHaveLength(3);
    expect(await lowMails(userId)).toHaveLength(2);
  });

  it("is told as the person chose", async () => {
    const quiet = await someoneWith(10);
    const change = { lowBalanceByEmail: false };
    await savePreferences(database.db, { userId: quiet, change, now: NOW });
    await read(quiet);
    expect(await lowNotices(quiet)).toHaveLength(1);
    expect(await lowMails(quiet)).toEqual([]);

    const mailOnly = await someoneWith(10);
    await savePreferences(database.db, {
      userId: mailOnly,
      change: { lowBalanceInApp: false },
      now: NOW,
    });
    await read(mailOnly);
    expect(await lowNotices(mailOnly)).toEqual([]);
    expect(await lowMails(mailOnly)).toHaveLength(1);
  });

  it("is not told of a spend that is rolled back", async () => {
    const userId = await someoneWith(5);
    const undone = database.db.transaction(async (tx) => {
      await tellLowBalance(tx, { userId, cost: 10, now: NOW });
      throw new Error("changed our mind");
    });
    await expect(undone).rejects.toThrow("changed our mind");
    expect(await lowNotices(userId)).toEqual([]);
  });

  it("does not fail a reading whose owner no letter can be made out to", async () => {
    const userId = await someoneWith(10, { email: "not an address" });
    await read(userId);
    expect(await lowNotices(userId)).toHaveLength(1);
    expect(await lowMails(userId)).toEqual([]);
  });
});
