import { randomUUID } from "node:crypto";
import { millisecondsInDay } from "date-fns/constants";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteAccount } from "@/accounts/delete-account";
import { dailySignIn, user } from "@/db/schema";
import { openCreditAccount } from "@/ledger/grant";
import { getBalance, listLots } from "@/ledger/reads/balance";
import { searchLedger } from "@/ledger/reads/search";
import { NotFound } from "@/lib/errors";
import { getSignInStatus, signInDaily } from "@/rewards/daily-sign-in";
import { expectBooksBalanced } from "../support/books";
import { connectToDatabase } from "../support/connect-to-database";
import { createTestDatabase, type TestDatabase } from "../support/database";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

async function createUser(timeZone: string): Promise<string> {
  const userId = randomUUID();
  const row = { id: userId, name: "林月", email: `${userId}@people.example`, timeZone };
  await database.db.insert(user).values(row);
  const now = new Date("2026-01-01T00:00:00Z");
  await database.db.transaction((tx) => openCreditAccount(tx, { userId, now }));
  return userId;
}

const moveTo = (userId: string, timeZone: string) =>
  database.db.update(user).set({ timeZone }).where(eq(user.id, userId));

const signIn = (userId: string, at: string | Date) =>
  database.db.transaction((tx) => signInDaily(tx, { userId, now: new Date(at) }));

const signInRows = async (userId: string) => {
  const { rows } = await searchLedger(database.db, {
    userId,
    limit: 1000,
    filter: { type: "DAILY_SIGNIN" },
    turn: {},
    at: new Date(),
  });
  return rows;
};

describe("signInDaily", () => {
  it("grants 5 credits for 30 days, once per day", async () => {
    const userId = await createUser("Asia/Shanghai");
    const now = new Date("2026-03-01T16:00:00Z");
    const first = await signIn(userId, now);
    expect(first).toEqual({
      created: true,
      signIn: { day: "2026-03-02", streak: 1, credits: 5 },
    });
    expect(await signIn(userId, "2026-03-02T15:59:59Z")).toEqual({ ...first, created: false });
    const [row, ...others] = await signInRows(userId);
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      amount: 5,
      source: "signin:2026-03-02",
      bookedAt: now,
      idempotencyKey: `signin:${userId}:2026-03-02`,
    });
    const lots = await listLots(database.db, { userId, at: now });
    expect(lots.find(({ type }) => type === "DAILY_SIGNIN")).toMatchObject({
      available: 5,
      paid: false,
      expiresAt: new Date(now.getTime() + 30 * millisecondsInDay),
    });
  });

  it("grants once for ten concurrent requests and returns the same sign-in to all", async () => {
    const userId = await createUser("America/New_York");
    const pool = connectToDatabase(database.appUrl, { max: 10 });
    try {
      const now = new Date("2026-03-08T12:00:00Z");
      const results = await Promise.all(
        Array.from({ length: 10 }, () =>
          pool.transaction((tx) => signInDaily(tx, { userId, now })),
        ),
      );
      expect(results.filter(({ created }) => created)).toHaveLength(1);
      const signIns = results.map((result) => result.signIn);
      expect(signIns).toEqual(Array(10).fill({ day: "2026-03-08", streak: 1, credits: 5 }));
    } finally {
      await pool.$client.end();
    }
    expect(await signInRows(userId)).toHaveLength(1);
  });

  it("grants each day once while requests race with changes of time zone", async () => {
    const userId = await createUser("UTC");
    const pool = connectToDatabase(database.appUrl, { max: 10 });
    try {
      const now = new Date("2026-03-08T11:00:00Z");
      await Promise.all(
        [
          "Pacific/Kiritimati",
          "America/New_York",
          "UTC",
          "Asia/Shanghai",
          "Pacific/Kiritimati",
        ].map(async (timeZone) => {
          await pool.update(user).set({ timeZone }).where(eq(user.id, userId));
          await pool.transaction((tx) => signInDaily(tx, { userId, now }));
        }),
      );
    } finally {
      await pool.$client.end();
    }
    const days = await database.db
      .select()
      .from(dailySignIn)
      .where(eq(dailySignIn.userId, userId))
      .orderBy(dailySignIn.signedInAt);
    expect(days.length).toBeLessThanOrEqual(2);
    expect(await signInRows(userId)).toHaveLength(days.length);
  });

  it("grants 5 credits, 20 on each 7th and 50 on each 30th day of a streak of 210 days", async () => {
    const userId = await createUser("America/New_York");
    // Noon in New York, shifted by an hour by daylight saving time.
    const start = new Date("2026-02-20T17:00:00Z").getTime();
    let total = 0;
    for (let day = 0; day < 210; day++) {
      const result = await signIn(userId, new Date(start + day * millisecondsInDay));
      const nth = day + 1;
      const credits = nth % 30 === 0 ? 50 : nth % 7 === 0 ? 20 : 5;
      expect(result).toMatchObject({ created: true, signIn: { streak: nth, credits } });
      total += credits;
    }
    const rows = await signInRows(userId);
    expect(rows.reduce((sum, { amount }) => sum + amount, 0)).toBe(total);
    // Day 210 is both a 7th and a 30th day.
    expect(total).toBe(7 * 50 + 29 * 20 + 174 * 5);
    await expectBooksBalanced(database.sql, userId);
  });

  it.each([
    // 23 hours long: 8 March; 25 hours long: 1 November.
    [
      "2026-03-08T04:30:00Z",
      "2026-03-08T05:30:00Z",
      "2026-03-09T03:30:00Z",
      "2026-03-09T04:30:00Z",
    ],
    [
      "2026-11-01T03:30:00Z",
      "2026-11-01T04:30:00Z",
      "2026-11-02T04:30:00Z",
      "2026-11-02T05:30:00Z",
    ],
  ])("uses New York's local day when the clocks change (%s)", async (eve, early, late, next) => {
    const userId = await createUser("America/New_York");
    const created = [];
    for (const at of [eve, early, late, next]) created.push((await signIn(userId, at)).created);
    expect(created).toEqual([true, true, false, true]);
    const status = await getSignInStatus(database.db, {
      userId,
      timeZone: "America/New_York",
      at: new Date(next),
    });
    expect(status).toMatchObject({ streak: 3, isDone: true });
  });

  it("grants no day twice across time zones and keeps the streak", async () => {
    const userId = await createUser("Pacific/Kiritimati");
    const at = "2026-03-01T11:00:00Z";
    expect((await signIn(userId, at)).signIn?.day).toBe("2026-03-02");
    await moveTo(userId, "America/New_York");
    // It is still 1 March in New York, before the taken 2 March.
    expect(await signIn(userId, at)).toMatchObject({
      created: false,
      signIn: { day: "2026-03-02" },
    });
    expect(await signIn(userId, "2026-03-02T12:00:00Z")).toMatchObject({ created: false });
    const third = await signIn(userId, "2026-03-03T12:00:00Z");
    expect(third).toMatchObject({ created: true, signIn: { day: "2026-03-03", streak: 2 } });
    await moveTo(userId, "Pacific/Kiritimati");
    const fourth = await signIn(userId, "2026-03-03T12:00:01Z");
    expect(fourth).toMatchObject({ created: true, signIn: { day: "2026-03-04", streak: 3 } });
    for (const zone of ["UTC", "Asia/Shanghai", "America/New_York"]) {
      await moveTo(userId, zone);
      expect(await signIn(userId, "2026-03-03T12:00:02Z")).toMatchObject({ created: false });
    }
  });

  it("keeps the ledger when the account deletion deletes its days", async () => {
    const userId = await createUser("UTC");
    const neighbour = await createUser("UTC");
    for (const id of [userId, neighbour]) await signIn(id, "2026-03-01T12:00:00Z");
    await deleteAccount(database.db, { userId, now: new Date("2026-03-02T12:00:00Z") });
    const remaining = await database.db
      .select()
      .from(dailySignIn)
      .where(eq(dailySignIn.userId, userId));
    expect(remaining).toEqual([]);
    expect(await signInRows(userId)).toHaveLength(1);
    await expect(signIn(userId, "2026-03-03T12:00:00Z")).rejects.toThrow(NotFound);
    expect(await signIn(neighbour, "2026-03-02T12:00:00Z")).toMatchObject({
      created: true,
      signIn: { streak: 2 },
    });
  });

  it("throws NotFound for deleted and unknown users", async () => {
    const userId = await createUser("UTC");
    await database.db.update(user).set({ deletedAt: new Date() }).where(eq(user.id, userId));
    await expect(signIn(userId, "2026-03-01T12:00:00Z")).rejects.toThrow(NotFound);
    await expect(signIn("nobody", "2026-03-01T12:00:00Z")).rejects.toThrow(NotFound);
    expect(await signInRows(userId)).toEqual([]);
  });

  it("does not take the day when the grant fails", async () => {
    const userId = await createUser("UTC");
    await database.ownerSql`alter table credit_lot add constraint no_sign_ins
      check (type <> 'DAILY_SIGNIN') not valid`;
    try {
      await expect(signIn(userId, "2026-03-01T12:00:00Z")).rejects.toThrow();
    } finally {
      await database.ownerSql`alter table credit_lot drop constraint no_sign_ins`;
    }
    expect(await signIn(userId, "2026-03-01T12:00:01Z")).toMatchObject({
      created: true,
      signIn: { streak: 1 },
    });
  });
});

describe("getSignInStatus", () => {
  const timeZone = "Asia/Shanghai";
  const status = (userId: string, at: string) =>
    getSignInStatus(database.db, { userId, timeZone, at: new Date(at) });

  it("returns today's reward before the sign-in and the next opening after it", async () => {
    const userId = await createUser(timeZone);
    expect(await status(userId, "2026-03-01T04:00:00Z")).toMatchObject({
      today: "2026-03-01",
      isDone: false,
      credits: 5,
      streak: 0,
      days: [],
      nextAt: null,
      milestone: { inDays: 7, streak: 7, credits: 20 },
    });
    await signIn(userId, "2026-03-01T04:00:00Z");
    expect(await status(userId, "2026-03-01T04:00:00Z")).toMatchObject({
      isDone: true,
      credits: 5,
      streak: 1,
      days: ["2026-03-01"],
      nextAt: new Date("2026-03-01T16:00:00Z"),
      milestone: { inDays: 6 },
    });
  });

  it("keeps the streak until a whole day is missed", async () => {
    const userId = await createUser(timeZone);
    for (const day of ["27", "28"]) await signIn(userId, `2026-02-${day}T04:00:00Z`);
    expect(await status(userId, "2026-03-01T04:00:00Z")).toMatchObject({
      isDone: false,
      streak: 2,
      days: [],
    });
    expect(await status(userId, "2026-03-02T04:00:00Z")).toMatchObject({ streak: 0 });
  });

  it("returns 20 credits for the 7th day", async () => {
    const userId = await createUser(timeZone);
    for (let day = 1; day <= 6; day++) await signIn(userId, `2026-03-0${day}T04:00:00Z`);
    expect(await status(userId, "2026-03-07T04:00:00Z")).toMatchObject({
      credits: 20,
      streak: 6,
      milestone: { inDays: 1, credits: 20 },
    });
  });

  it("matches the change of the balance", async () => {
    const userId = await createUser(timeZone);
    const at = new Date("2026-01-02T04:00:00Z");
    const before = await getBalance(database.db, { userId, at });
    await signIn(userId, at);
    const after = await getBalance(database.db, { userId, at });
    expect(after.available - before.available).toBe(5);
  });
});
