import { randomUUID } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteAccount } from "@/accounts/delete-account";
import { createDatabase } from "@/db/client";
import { dailySignIn, user } from "@/db/schema";
import { openCreditAccount } from "@/ledger/grant";
import { getBalance, listLots } from "@/ledger/reads/balance";
import { searchLedger } from "@/ledger/reads/search";
import { NotFound } from "@/lib/errors";
import { getSignInStatus, signInDaily } from "@/rewards/daily-sign-in";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

async function someone(timeZone: string): Promise<string> {
  const userId = randomUUID();
  const person = { id: userId, name: "林月", email: `${userId}@people.example`, timeZone };
  await database.db.insert(user).values(person);
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
    ...{ userId, limit: 1000, filter: { type: "DAILY_SIGNIN" }, turn: {}, at: new Date() },
  });
  return rows;
};

describe("signing in for the day", () => {
  it("grants 5 credits for 30 days under the day's key, once", async () => {
    const userId = await someone("Asia/Shanghai");
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
      ...{ amount: 5, source: "signin:2026-03-02", bookedAt: now },
      idempotencyKey: `signin:${userId}:2026-03-02`,
    });
    const lots = await listLots(database.db, { userId, at: now });
    expect(lots.find(({ type }) => type === "DAILY_SIGNIN")).toMatchObject({
      ...{ available: 5, paid: false, expiresAt: new Date(now.getTime() + 30 * DAY_MS) },
    });
  });

  it("grants once for ten requests at once, and the other nine answer the same", async () => {
    const userId = await someone("America/New_York");
    const pool = createDatabase(database.appUrl, { max: 10 });
    try {
      const now = new Date("2026-03-08T12:00:00Z");
      const answers = await Promise.all(
        Array.from({ length: 10 }, () =>
          pool.transaction((tx) => signInDaily(tx, { userId, now })),
        ),
      );
      expect(answers.filter(({ created }) => created)).toHaveLength(1);
      const signIns = answers.map((answer) => answer.signIn);
      expect(signIns).toEqual(Array(10).fill({ day: "2026-03-08", streak: 1, credits: 5 }));
    } finally {
      await pool.$client.end();
    }
    expect(await signInRows(userId)).toHaveLength(1);
  });

  it("grants one day once while ten requests race with changes of zone", async () => {
    const userId = await someone("UTC");
    const pool = createDatabase(database.appUrl, { max: 10 });
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

  it("brings 5, 20 on each 7th and 50 on each 30th day in a row, through 210 days and a change of clocks", async () => {
    const userId = await someone("America/New_York");
    // Noon in New York, but for the hour that the clocks move.
    const start = new Date("2026-02-20T17:00:00Z").getTime();
    let total = 0;
    for (let day = 0; day < 210; day++) {
      const answer = await signIn(userId, new Date(start + day * DAY_MS));
      const nth = day + 1;
      const credits = nth % 30 === 0 ? 50 : nth % 7 === 0 ? 20 : 5;
      expect(answer).toMatchObject({ created: true, signIn: { streak: nth, credits } });
      total += credits;
    }
    const rows = await signInRows(userId);
    expect(rows.reduce((sum, { amount }) => sum + amount, 0)).toBe(total);
    // 210 days: 7 thirtieths, 30 sevenths of which the 210th is a thirtieth as well.
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
  ])("knows New York's days of %s where clocks move", async (eve, early, late, next) => {
    const userId = await someone("America/New_York");
    const created = [];
    for (const at of [eve, early, late, next]) created.push((await signIn(userId, at)).created);
    expect(created).toEqual([true, true, false, true]);
    const status = await getSignInStatus(database.db, {
      ...{ userId, timeZone: "America/New_York", at: new Date(next) },
    });
    expect(status).toMatchObject({ streak: 3, isDone: true });
  });

  it("gives nothing twice to whoever changes the zone, and does not break the row", async () => {
    const userId = await someone("Pacific/Kiritimati");
    const at = "2026-03-01T11:00:00Z";
    expect((await signIn(userId, at)).signIn.day).toBe("2026-03-02");
    await moveTo(userId, "America/New_York");
    // Still 1 March there: past, as 2 March is taken.
    expect(await signIn(userId, at)).toMatchObject({
      ...{ created: false, signIn: { day: "2026-03-02" } },
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

  it("is forgotten with the account, and the ledger stays", async () => {
    const userId = await someone("UTC");
    const neighbour = await someone("UTC");
    for (const id of [userId, neighbour]) await signIn(id, "2026-03-01T12:00:00Z");
    await deleteAccount(database.db, { userId, now: new Date("2026-03-02T12:00:00Z") });
    const left = await database.db.select().from(dailySignIn).where(eq(dailySignIn.userId, userId));
    expect(left).toEqual([]);
    expect(await signInRows(userId)).toHaveLength(1);
    await expect(signIn(userId, "2026-03-03T12:00:00Z")).rejects.toThrow(NotFound);
    expect(await signIn(neighbour, "2026-03-02T12:00:00Z")).toMatchObject({
      ...{ created: true, signIn: { streak: 2 } },
    });
  });

  it("refuses a deleted account and an unknown user, and grants nothing", async () => {
    const userId = await someone("UTC");
    await database.db.update(user).set({ deletedAt: new Date() }).where(eq(user.id, userId));
    await expect(signIn(userId, "2026-03-01T12:00:00Z")).rejects.toThrow(NotFound);
    await expect(signIn("nobody", "2026-03-01T12:00:00Z")).rejects.toThrow(NotFound);
    expect(await signInRows(userId)).toEqual([]);
  });

  it("leaves no day taken when the grant fails", async () => {
    const userId = await someone("UTC");
    await database.ownerSql`alter table credit_lot add constraint no_sign_ins
      check (type <> 'DAILY_SIGNIN') not valid`;
    try {
      await expect(signIn(userId, "2026-03-01T12:00:00Z")).rejects.toThrow();
    } finally {
      await database.ownerSql`alter table credit_lot drop constraint no_sign_ins`;
    }
    expect(await signIn(userId, "2026-03-01T12:00:01Z")).toMatchObject({
      ...{ created: true, signIn: { streak: 1 } },
    });
  });
});

describe("how the daily sign-in stands", () => {
  const timeZone = "Asia/Shanghai";
  const stands = (userId: string, at: string) =>
    getSignInStatus(database.db, { userId, timeZone, at: new Date(at) });

  it("tells what today brings before, and when the next day begins after", async () => {
    const userId = await someone(timeZone);
    expect(await stands(userId, "2026-03-01T04:00:00Z")).toMatchObject({
      ...{ today: "2026-03-01", isDone: false, credits: 5, streak: 0, days: [], nextAt: null },
      milestone: { inDays: 7, streak: 7, credits: 20 },
    });
    await signIn(userId, "2026-03-01T04:00:00Z");
    expect(await stands(userId, "2026-03-01T04:00:00Z")).toMatchObject({
      ...{ isDone: true, credits: 5, streak: 1, days: ["2026-03-01"] },
      ...{ nextAt: new Date("2026-03-01T16:00:00Z"), milestone: { inDays: 6 } },
    });
  });

  it("keeps the row until a whole day went by without", async () => {
    const userId = await someone(timeZone);
    for (const day of ["27", "28"]) await signIn(userId, `2026-02-${day}T04:00:00Z`);
    expect(await stands(userId, "2026-03-01T04:00:00Z")).toMatchObject({
      ...{ isDone: false, streak: 2, days: [] },
    });
    expect(await stands(userId, "2026-03-02T04:00:00Z")).toMatchObject({ streak: 0 });
  });

  it("announces the 7th day's 20", async () => {
    const userId = await someone(timeZone);
    for (let day = 1; day <= 6; day++) await signIn(userId, `2026-03-0${day}T04:00:00Z`);
    expect(await stands(userId, "2026-03-07T04:00:00Z")).toMatchObject({
      ...{ credits: 20, streak: 6, milestone: { inDays: 1, credits: 20 } },
    });
  });

  it("is what the balance says", async () => {
    const userId = await someone(timeZone);
    const at = new Date("2026-01-02T04:00:00Z");
    const before = await getBalance(database.db, { userId, at });
    await signIn(userId, at);
    const after = await getBalance(database.db, { userId, at });
    expect(after.available - before.available).toBe(5);
  });
});
