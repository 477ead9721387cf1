import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { HoldClosed, HoldLapsed, InsufficientCredits } from "@/ledger/errors";
import { grantCredits } from "@/ledger/grant";
import { holdCredits } from "@/ledger/hold";
import { getBalance } from "@/ledger/reads/balance";
import { searchLedger } from "@/ledger/reads/search";
import { type BirthInput, birthInputSchema } from "@/products/bazi/birth/input";
import { chartSchema } from "@/products/bazi/chart/chart";
import * as computing from "@/products/bazi/chart/compute-chart";
import { createReading } from "@/products/bazi/create-reading";
import { ReadingDeleted, ReadingIdTaken } from "@/products/bazi/errors";
import { createEmptyProfile, getProfile, saveProfile } from "@/products/bazi/profile";
import {
  deleteBaziRecords,
  deleteReading,
  getReading,
  listReadings,
} from "@/products/bazi/readings";
import { expectBooksBalanced } from "../../support/books";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { birthLike, NOW } from "./births";

let database: TestDatabase;
let users = 0;

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
const minutesLater = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);

/** A new person with so many credits. */
async function someoneWith(credits: number): Promise<string> {
  users += 1;
  const userId = `reader-${users}`;
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

const bookingsOf = async (userId: string) => {
  const { rows } = await searchLedger(database.db, {
    userId,
    filter: {},
    turn: {},
    limit: 50,
    at: NOW,
  });
  return rows.map(({ type, amount }) => `${type} ${amount}`).reverse();
};

describe("a reading", () => {
  test("is stored and costs ten credits", async () => {
    const userId = await someoneWith(25);
    const request = requestOf(userId);
    expect(await createReading(database.db, request, clock)).toEqual({
      id: request.readingId,
      created: true,
    });
    expect(await balanceOf(userId)).toEqual({ available: 15, held: 0 });
    expect(await bookingsOf(userId)).toEqual(["ADMIN_ADJUST 25", "USAGE -10"]);
    const reading = await getReading(database.db, { userId, id: request.readingId });
    expect(reading?.birth).toEqual(request.birth);
    expect(reading?.chart).toEqual(computing.computeChart(request.birth));
  });

  test("sent again is the same reading and costs nothing more", async () => {
    const userId = await someoneWith(25);
    const request = requestOf(userId);
    await createReading(database.db, request, clock);
    expect(await createReading(database.db, request, clock)).toEqual({
      id: request.readingId,
      created: false,
    });
    expect(await balanceOf(userId)).toEqual({ available: 15, held: 0 });
  });

  test("sent ten times at once is made once", async () => {
    const userId = await someoneWith(100);
    const request = requestOf(userId);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => createReading(database.db, request, clock)),
    );
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect(await bookingsOf(userId)).toEqual(["ADMIN_ADJUST 100", "USAGE -10"]);
  });

  test("of another birth does not hide behind the same id", async () => {
    const userId = await someoneWith(25);
    const request = requestOf(userId);
    await createReading(database.db, request, clock);
    const other = { ...request, birth: { ...request.birth, day: 16 } };
    await expect(createReading(database.db, other, clock)).rejects.toThrow(ReadingIdTaken);
    expect(await balanceOf(userId)).toEqual({ available: 15, held: 0 });
  });

  test("is refused with what is needed and what is there when credits are too few", async () => {
    const userId = await someoneWith(9);
    const request = requestOf(userId);
    const refusal = await createReading(database.db, request, clock).catch(
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(InsufficientCredits);
    expect(refusal).toMatchObject({ status: 402, details: { required: 10, available: 9 } });
    expect(await getReading(database.db, { userId, id: request.readingId })).toBeNull();
    // The refusal used up no key: after a top-up the very same form goes through.
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

  test("of which two are sent at once with credits for one is made once", async () => {
    const userId = await someoneWith(15);
    const answers = await Promise.allSettled([
      createReading(database.db, requestOf(userId), clock),
      createReading(database.db, requestOf(userId), clock),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await balanceOf(userId)).toEqual({ available: 5, held: 0 });
  });
});

describe("deleting a reading", () => {
  test("takes it away and leaves the charge", async () => {
    const userId = await someoneWith(25);
    const [kept, deleted] = [requestOf(userId), requestOf(userId)];
    await createReading(database.db, kept, clock);
    await createReading(database.db, deleted, clock);
    await deleteReading(database.db, { userId, id: deleted.readingId });
    const { readings } = await listReadings(database.db, { userId, limit: 10 });
    expect(readings.map(({ id }) => id)).toEqual([kept.readingId]);
    expect(await bookingsOf(userId)).toEqual(["ADMIN_ADJUST 25", "USAGE -10", "USAGE -10"]);
  });

  test("leaves anybody else's alone", async () => {
    const [owner, stranger] = [await someoneWith(25), await someoneWith(25)];
    const request = requestOf(owner);
    await createReading(database.db, request, clock);
    await deleteReading(database.db, { userId: stranger, id: request.readingId });
    expect(await getReading(database.db, { userId: owner, id: request.readingId })).not.toBeNull();
  });

  test("does not make its id good for another one that nobody pays for", async () => {
    const userId = await someoneWith(25);
    const request = requestOf(userId);
    await createReading(database.db, request, clock);
    await deleteReading(database.db, { userId, id: request.readingId });
    for (const birth of [request.birth, { ...request.birth, day: 16 }]) {
      const again = createReading(database.db, { ...request, birth }, clock);
      await expect(again).rejects.toThrow(ReadingDeleted);
    }
    expect(await getReading(database.db, { userId, id: request.readingId })).toBeNull();
    expect(await bookingsOf(userId)).toEqual(["ADMIN_ADJUST 25", "USAGE -10"]);
    expect(await balanceOf(userId)).toEqual({ available: 15, held: 0 });
  });
});

describe("when something fails", () => {
  test("the credits come back and nothing is stored", async () => {
    const userId = await someoneWith(25);
    const request = requestOf(userId);
    vi.spyOn(computing, "computeChart").mockImplementationOnce(() => {
      throw new Error("the stars are silent");
    });
    await expect(createReading(database.db, request, clock)).rejects.toThrow(
      "the stars are silent",
    );
    expect(await balanceOf(userId)).toEqual({ available: 25, held: 0 });
    expect(await getReading(database.db, { userId, id: request.readingId })).toBeNull();
    // The attempt is over; the form goes on with a new id.
    await expect(createReading(database.db, request, clock)).rejects.toThrow(HoldClosed);
    expect(await createReading(database.db, requestOf(userId), clock)).toMatchObject({
      created: true,
    });
  });

  test("while storing, reading and charge are undone together", async () => {
    const userId = await someoneWith(25);
    const request = requestOf(userId);
    await database.ownerSql.unsafe(
      "create function refuse() returns trigger language plpgsql as $$ begin raise 'disk full'; end $$; create trigger refuse before insert on bazi_reading execute function refuse();",
    );
    await expect(createReading(database.db, request, clock)).rejects.toThrow();
    await database.ownerSql.unsafe("drop trigger refuse on bazi_reading; drop function refuse();");
    expect(await balanceOf(userId)).toEqual({ available: 25, held: 0 });
    expect(await bookingsOf(userId)).toEqual(["ADMIN_ADJUST 25"]);
  });

  test("a crash after the hold costs nothing: the same form goes on, or the hold lapses", async () => {
    const userId = await someoneWith(25);
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

  test("a hold that lapsed while the chart was made is not captured", async () => {
    const userId = await someoneWith(25);
    const instants = [NOW];
    const slowClock = () => instants.shift() ?? minutesLater(11);
    const request = requestOf(userId);
    await expect(createReading(database.db, request, slowClock)).rejects.toThrow(HoldLapsed);
    expect(await getReading(database.db, { userId, id: request.readingId })).toBeNull();
    expect(await balanceOf(userId, minutesLater(11))).toEqual({ available: 25, held: 0 });
  });
});

describe("readings", () => {
  test("are somebody's own", async () => {
    const userId = await someoneWith(25);
    const stranger = await someoneWith(25);
    const { readingId } = requestOf(userId);
    await createReading(database.db, { userId, readingId, birth, keepInProfile: false }, clock);
    expect(await getReading(database.db, { userId: stranger, id: readingId })).toBeNull();
    expect((await listReadings(database.db, { userId: stranger, limit: 5 })).readings).toEqual([]);
    expect(await getReading(database.db, { userId, id: "no-uuid" })).toBeNull();
  });

  test("come newest first, page by page, each exactly once, also when made at one instant", async () => {
    const userId = await someoneWith(70);
    for (let made = 0; made < 7; made += 1) {
      // Three share their instant: the id decides among them.
      const at = minutesLater(made < 3 ? 0 : made);
      await createReading(database.db, requestOf(userId, { name: `n${made}` }), () => at);
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

  test("take a foreign cursor for the first page", async () => {
    const userId = await someoneWith(10);
    await createReading(database.db, requestOf(userId), clock);
    const page = await listReadings(database.db, { userId, before: "'; drop table", limit: 5 });
    expect(page.readings).toHaveLength(1);
  });

  test("are stored in the shape that the schema reads back", async () => {
    const userId = await someoneWith(10);
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
  test("is empty at first, keeps a birth when asked, and forgets it", async () => {
    const userId = await someoneWith(30);
    expect(await getProfile(database.db, userId)).toBeNull();
    await createReading(database.db, requestOf(userId), clock);
    expect(await getProfile(database.db, userId)).toBeNull();
    await createReading(database.db, requestOf(userId, {}, true), clock);
    expect(await getProfile(database.db, userId)).toEqual(birth);
    await saveProfile(database.db, { userId, birth: null, now: NOW });
    expect(await getProfile(database.db, userId)).toBeNull();
  });

  test("is created once, and deleted with the readings", async () => {
    const userId = await someoneWith(10);
    await database.db.transaction((tx) => saveProfile(tx, { userId, birth, now: NOW }));
    await database.db.transaction((tx) => createEmptyProfile(tx, { userId, now: NOW }));
    expect(await getProfile(database.db, userId)).toEqual(birth);
    await createReading(database.db, requestOf(userId), clock);
    await database.db.transaction((tx) => deleteBaziRecords(tx, userId));
    expect(await getProfile(database.db, userId)).toBeNull();
    expect((await listReadings(database.db, { userId, limit: 5 })).readings).toEqual([]);
  });
});
