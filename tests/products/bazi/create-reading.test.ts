import { addMinutes } from "date-fns";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { HoldClosed, HoldLapsed, InsufficientCredits } from "@/ledger/errors";
import { grantCredits } from "@/ledger/grant";
import { holdCredits } from "@/ledger/hold";
import { getBalance } from "@/ledger/reads/balance";
import { searchLedger } from "@/ledger/reads/search";
import { type BirthInput, birthInputSchema } from "@/products/bazi/birth/input";
import { chartSchema } from "@/products/bazi/chart/chart";
import * as computation from "@/products/bazi/chart/compute-chart";
import { createReading } from "@/products/bazi/create-reading";
import { ReadingDeleted, ReadingIdTaken } from "@/products/bazi/errors";
import { createEmptyProfile, getProfile, saveProfile } from "@/products/bazi/profile";
import {
  deleteBaziRecords,
  deleteReading,
  findSharedReading,
  getReading,
  listReadings,
  shareReading,
  stopSharingReading,
} from "@/products/bazi/readings";
import { expectBooksBalanced } from "../../support/books";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { birthLike, NOW } from "./births";

let database: TestDatabase;
let userCount = 0;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(() => vi.restoreAllMocks());
afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

const clock = () => NOW;
const birth = birthInputSchema.parse(birthLike());
const minutesLater = (minutes: number) => addMinutes(NOW, minutes);

/** Creates a user with a balance. */
async function userWith(credits: number): Promise<string> {
  userCount += 1;
  const userId = `reader-${userCount}`;
  await database.db.transaction(async (tx) => {
    await createEmptyProfile(tx, { userId, now: NOW });
    await grantCredits(tx, {
      userId,
      key: `test:${userId}:grant`,
      amount: credits,
      type: "ADMIN_ADJUST",
      source: "test",
      expiresAt: null,
      paid: false,
      now: NOW,
    });
  });
  return userId;
}

function requestOf(userId: string, changes: Partial<BirthInput> = {}, keepInProfile = false) {
  const readingId = crypto.randomUUID();
  return {
    userId,
    readingId,
    birth: birthInputSchema.parse({ ...birth, ...changes }),
    keepInProfile,
  };
}

const balanceOf = async (userId: string, at = NOW) => {
  const { available, held } = await getBalance(database.db, { userId, at });
  return { available, held };
};

const transactionsOf = async (userId: string) => {
  const { rows } = await searchLedger(database.db, {
    userId,
    filter: {},
    turn: {},
    limit: 50,
    at: NOW,
  });
  return rows.map(({ type, amount }) => `${type} ${amount}`).reverse();
};

describe("createReading", () => {
  it("stores the reading and charges ten credits", async () => {
    const userId = await userWith(25);
    const request = requestOf(userId);
    expect(await createReading(database.db, request, clock)).toEqual({
      id: request.readingId,
      created: true,
    });
    expect(await balanceOf(userId)).toEqual({ available: 15, held: 0 });
    expect(await transactionsOf(userId)).toEqual(["ADMIN_ADJUST 25", "USAGE -10"]);
    const reading = await getReading(database.db, { userId, id: request.readingId });
    expect(reading?.birth).toEqual(request.birth);
    expect(reading?.chart).toEqual(computation.computeChart(request.birth));
  });

  it("returns the existing reading without a second charge when the id is repeated", async () => {
    const userId = await userWith(25);
    const request = requestOf(userId);
    await createReading(database.db, request, clock);
    expect(await createReading(database.db, request, clock)).toEqual({
      id: request.readingId,
      created: false,
    });
    expect(await balanceOf(userId)).toEqual({ available: 15, held: 0 });
  });

  it("creates one reading from ten concurrent requests with the same id", async () => {
    const userId = await userWith(100);
    const request = requestOf(userId);
    const results = await Promise.all(
      Array.from({ length: 10 }, () => createReading(database.db, request, clock)),
    );
    expect(results.filter(({ created }) => created)).toHaveLength(1);
    expect(await transactionsOf(userId)).toEqual(["ADMIN_ADJUST 100", "USAGE -10"]);
  });

  it("rejects the id of a reading of another birth", async () => {
    const userId = await userWith(25);
    const request = requestOf(userId);
    await createReading(database.db, request, clock);
    const other = { ...request, birth: { ...request.birth, day: 16 } };
    await expect(createReading(database.db, other, clock)).rejects.toThrow(ReadingIdTaken);
    expect(await balanceOf(userId)).toEqual({ available: 15, held: 0 });
  });

  it("returns the required and available credits when the balance is too low, and uses up no key", async () => {
    const userId = await userWith(9);
    const request = requestOf(userId);
    const refusal = await createReading(database.db, request, clock).catch(
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(InsufficientCredits);
    expect(refusal).toMatchObject({ status: 402, details: { required: 10, available: 9 } });
    expect(await getReading(database.db, { userId, id: request.readingId })).toBeNull();
    // After a top-up, the same request succeeds.
    await database.db.transaction((tx) =>
      grantCredits(tx, {
        userId,
        key: `test:${userId}:more`,
        amount: 1,
        type: "ADMIN_ADJUST",
        source: "test",
        expiresAt: null,
        paid: false,
        now: NOW,
      }),
    );
    expect(await createReading(database.db, request, clock)).toMatchObject({ created: true });
    expect(await balanceOf(userId)).toEqual({ available: 0, held: 0 });
  });

  it("creates one of two concurrent readings when the balance covers one", async () => {
    const userId = await userWith(15);
    const results = await Promise.allSettled([
      createReading(database.db, requestOf(userId), clock),
      createReading(database.db, requestOf(userId), clock),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await balanceOf(userId)).toEqual({ available: 5, held: 0 });
  });
});

describe("deleteReading", () => {
  it("deletes the reading and keeps the charge", async () => {
    const userId = await userWith(25);
    const [kept, deleted] = [requestOf(userId), requestOf(userId)];
    await createReading(database.db, kept, clock);
    await createReading(database.db, deleted, clock);
    await deleteReading(database.db, { userId, id: deleted.readingId });
    const { readings } = await listReadings(database.db, { userId, limit: 10 });
    expect(readings.map(({ id }) => id)).toEqual([kept.readingId]);
    expect(await transactionsOf(userId)).toEqual(["ADMIN_ADJUST 25", "USAGE -10", "USAGE -10"]);
  });

  it("does not delete a reading of another user", async () => {
    const [owner, stranger] = [await userWith(25), await userWith(25)];
    const request = requestOf(owner);
    await createReading(database.db, request, clock);
    await deleteReading(database.db, { userId: stranger, id: request.readingId });
    expect(await getReading(database.db, { userId: owner, id: request.readingId })).not.toBeNull();
  });

  it("uses up the id, so that one charge covers one reading", async () => {
    const userId = await userWith(25);
    const request = requestOf(userId);
    await createReading(database.db, request, clock);
    await deleteReading(database.db, { userId, id: request.readingId });
    for (const birth of [request.birth, { ...request.birth, day: 16 }]) {
      const retry = createReading(database.db, { ...request, birth }, clock);
      await expect(retry).rejects.toThrow(ReadingDeleted);
    }
    expect(await getReading(database.db, { userId, id: request.readingId })).toBeNull();
    expect(await transactionsOf(userId)).toEqual(["ADMIN_ADJUST 25", "USAGE -10"]);
    expect(await balanceOf(userId)).toEqual({ available: 15, held: 0 });
  });
});

describe("createReading on failure", () => {
  it("releases the credits and stores nothing when the computation fails", async () => {
    const userId = await userWith(25);
    const request = requestOf(userId);
    vi.spyOn(computation, "computeChart").mockImplementationOnce(() => {
      throw new Error("computation failed");
    });
    await expect(createReading(database.db, request, clock)).rejects.toThrow("computation failed");
    expect(await balanceOf(userId)).toEqual({ available: 25, held: 0 });
    expect(await getReading(database.db, { userId, id: request.readingId })).toBeNull();
    // The id is used up; the form retries with a new one.
    await expect(createReading(database.db, request, clock)).rejects.toThrow(HoldClosed);
    expect(await createReading(database.db, requestOf(userId), clock)).toMatchObject({
      created: true,
    });
  });

  it("rolls back reading and charge together when the insert fails", async () => {
    const userId = await userWith(25);
    const request = requestOf(userId);
    await database.ownerSql.unsafe(
      "create function fail() returns trigger language plpgsql as $$ begin raise 'disk full'; end $$; create trigger fail before insert on bazi_reading execute function fail();",
    );
    await expect(createReading(database.db, request, clock)).rejects.toThrow();
    await database.ownerSql.unsafe("drop trigger fail on bazi_reading; drop function fail();");
    expect(await balanceOf(userId)).toEqual({ available: 25, held: 0 });
    expect(await transactionsOf(userId)).toEqual(["ADMIN_ADJUST 25"]);
  });

  it("resumes with the hold of an attempt that crashed, which otherwise lapses", async () => {
    const userId = await userWith(25);
    const request = requestOf(userId);
    const source = `reading:${request.readingId}`;
    const key = `${source}:hold`;
    await database.db.transaction((tx) =>
      holdCredits(tx, { userId, key, amount: 10, source, expiresAt: minutesLater(10), now: NOW }),
    );
    expect(await balanceOf(userId)).toEqual({ available: 15, held: 10 });
    expect(await balanceOf(userId, minutesLater(10))).toEqual({ available: 25, held: 0 });
    const resumed = await createReading(database.db, request, () => minutesLater(5));
    expect(resumed).toMatchObject({ created: true });
    expect(await balanceOf(userId, minutesLater(5))).toEqual({ available: 15, held: 0 });
  });

  it("throws HoldLapsed when the hold lapses during the computation", async () => {
    const userId = await userWith(25);
    const instants = [NOW];
    const slowClock = () => instants.shift() ?? minutesLater(11);
    const request = requestOf(userId);
    await expect(createReading(database.db, request, slowClock)).rejects.toThrow(HoldLapsed);
    expect(await getReading(database.db, { userId, id: request.readingId })).toBeNull();
    expect(await balanceOf(userId, minutesLater(11))).toEqual({ available: 25, held: 0 });
  });
});

describe("listReadings", () => {
  it("returns only readings of the user, as getReading does", async () => {
    const userId = await userWith(25);
    const stranger = await userWith(25);
    const { readingId } = requestOf(userId);
    await createReading(database.db, { userId, readingId, birth, keepInProfile: false }, clock);
    expect(await getReading(database.db, { userId: stranger, id: readingId })).toBeNull();
    expect((await listReadings(database.db, { userId: stranger, limit: 5 })).readings).toEqual([]);
    expect(await getReading(database.db, { userId, id: "no-uuid" })).toBeNull();
  });

  it("returns readings newest first, each on exactly one page, even if created at the same instant", async () => {
    const userId = await userWith(70);
    for (let index = 0; index < 7; index += 1) {
      // The first three share an instant, so the id orders them.
      const at = minutesLater(index < 3 ? 0 : index);
      await createReading(database.db, requestOf(userId, { name: `n${index}` }), () => at);
    }
    const seen: string[] = [];
    let before: string | undefined;
    do {
      const page = await listReadings(database.db, { userId, before, limit: 2 });
      seen.push(...page.readings.map(({ name }) => name));
      before = page.nextBefore ?? undefined;
    } while (before !== undefined);
    expect(seen.slice(0, 4)).toEqual(["n6", "n5", "n4", "n3"]);
    expect(seen.slice(4).sort()).toEqual(["n0", "n1", "n2"]);
  });

  it("returns the first page when the cursor is invalid", async () => {
    const userId = await userWith(10);
    await createReading(database.db, requestOf(userId), clock);
    const page = await listReadings(database.db, { userId, before: "'; drop table", limit: 5 });
    expect(page.readings).toHaveLength(1);
  });

  it("reads back the chart of a lunar birth with an unknown time", async () => {
    const userId = await userWith(10);
    const request = requestOf(userId, {
      time: null,
      calendar: "lunar",
      month: 5,
      day: 23,
      isLeapMonth: true,
    });
    await createReading(database.db, request, clock);
    const [row] = await database.sql`select chart from bazi_reading where user_id = ${userId}`;
    expect(chartSchema.safeParse(row?.chart).success).toBe(true);
  });
});

describe("the profile", () => {
  it("stores a birth on request and deletes it", async () => {
    const userId = await userWith(30);
    expect(await getProfile(database.db, userId)).toBeNull();
    await createReading(database.db, requestOf(userId), clock);
    expect(await getProfile(database.db, userId)).toBeNull();
    await createReading(database.db, requestOf(userId, {}, true), clock);
    expect(await getProfile(database.db, userId)).toEqual(birth);
    await saveProfile(database.db, { userId, birth: null, now: NOW });
    expect(await getProfile(database.db, userId)).toBeNull();
  });

  it("is created once and deleted together with the readings", async () => {
    const userId = await userWith(10);
    await database.db.transaction((tx) => saveProfile(tx, { userId, birth, now: NOW }));
    await database.db.transaction((tx) => createEmptyProfile(tx, { userId, now: NOW }));
    expect(await getProfile(database.db, userId)).toEqual(birth);
    await createReading(database.db, requestOf(userId), clock);
    await database.db.transaction((tx) => deleteBaziRecords(tx, userId));
    expect(await getProfile(database.db, userId)).toBeNull();
    expect((await listReadings(database.db, { userId, limit: 5 })).readings).toEqual([]);
  });
});

describe("shareReading", () => {
  it("returns one link per reading, which shows that reading until it is revoked", async () => {
    const { db } = database;
    const userId = await userWith(20);
    const request = requestOf(userId);
    await createReading(db, request, clock);
    const mine = { userId, id: request.readingId };
    const token = await shareReading(db, mine);
    expect(token).toMatch(/^[\w-]{22}$/);
    expect(await shareReading(db, mine)).toBe(token);
    expect(await findSharedReading(db, token ?? "")).toMatchObject({
      id: mine.id,
      name: birth.name,
    });

    await stopSharingReading(db, mine);
    expect(await findSharedReading(db, token ?? "")).toBeNull();
    expect(await shareReading(db, mine)).not.toBe(token);
  });

  it("shares nothing of another user, and nothing for a malformed token", async () => {
    const { db } = database;
    const userId = await userWith(10);
    const request = requestOf(userId);
    await createReading(db, request, clock);
    const id = request.readingId;
    expect(await shareReading(db, { userId: "someone-else", id })).toBeNull();
    const token = await shareReading(db, { userId, id });
    await stopSharingReading(db, { userId: "someone-else", id });
    expect(await findSharedReading(db, token ?? "")).not.toBeNull();
    for (const wrong of ["", "%", `${token}x`, "a".repeat(22)]) {
      expect(await findSharedReading(db, wrong)).toBeNull();
    }
  });

  it("ends when the reading is deleted", async () => {
    const { db } = database;
    const userId = await userWith(10);
    const request = requestOf(userId);
    await createReading(db, request, clock);
    const mine = { userId, id: request.readingId };
    const token = await shareReading(db, mine);
    await deleteReading(db, mine);
    expect(await findSharedReading(db, token ?? "")).toBeNull();
  });
});
