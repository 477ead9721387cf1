import { addMinutes } from "date-fns";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getFeature } from "@/catalog/items";
import type { Executor, Transaction } from "@/db/client";
import { spendCredits } from "@/ledger/debit";
import { HoldClosed, HoldLapsed, InsufficientCredits } from "@/ledger/errors";
import { grantCredits } from "@/ledger/grant";
import { holdCredits } from "@/ledger/hold";
import { getBalance } from "@/ledger/reads/balance";
import { searchLedger } from "@/ledger/reads/search";
import { product } from "@/product/current";
import { ChargedResultGone, type ChargedWork, withCharge } from "@/product/with-charge";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";

const NOW = new Date("2026-05-01T12:00:00Z");
const { cost, holdMinutes } = getFeature(product.feature);
const later = (minutes: number) => addMinutes(NOW, minutes);

let database: TestDatabase;
let count = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.ownerSql.unsafe(
    "create table charged_result (key text primary key, content text not null); grant all on charged_result to public;",
  );
});
afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

async function userWith(credits: number): Promise<string> {
  count += 1;
  const userId = `charged-${count}`;
  await grant(userId, credits);
  return userId;
}

async function grant(userId: string, credits: number): Promise<void> {
  await database.db.transaction((tx) =>
    grantCredits(tx, {
      userId,
      key: `test:${crypto.randomUUID()}`,
      amount: credits,
      type: "ADMIN_ADJUST",
      source: "test",
      expiresAt: null,
      paid: false,
      now: NOW,
    }),
  );
}

const newKey = () => `test-result:${crypto.randomUUID()}`;

async function isStored(db: Executor, key: string): Promise<boolean> {
  const rows = await db.execute(sql`select 1 from charged_result where key = ${key}`);
  return rows.length > 0;
}

async function store(tx: Transaction, key: string, content: string): Promise<boolean> {
  const rows = await tx.execute(
    sql`insert into charged_result values (${key}, ${content}) on conflict do nothing returning key`,
  );
  return rows.length > 0;
}

/** Charges a user for a result. `changes` replaces parts of the work. */
function chargeFor(
  { userId, key, clock = () => NOW }: { userId: string; key: string; clock?: () => Date },
  changes: Partial<ChargedWork<string>> = {},
): Promise<{ created: boolean }> {
  return withCharge(
    product.feature,
    { db: database.db, userId, key, clock },
    {
      isStored: (db) => isStored(db, key),
      make: () => "result",
      store: (tx, content) => store(tx, key, content),
      ...changes,
    },
  );
}

const balanceOf = async (userId: string, at = NOW) => {
  const { available, held } = await getBalance(database.db, { userId, at });
  return { available, held };
};

const usageOf = async (userId: string) => {
  const { rows } = await searchLedger(database.db, {
    userId,
    filter: { type: "USAGE" },
    turn: {},
    limit: 50,
    at: NOW,
  });
  return rows.map(({ amount, source }) => ({ amount, source }));
};

describe("withCharge", () => {
  it("stores the result and charges the cost of the feature under the key", async () => {
    const userId = await userWith(cost + 5);
    const key = newKey();
    expect(await chargeFor({ userId, key })).toEqual({ created: true });
    expect(await isStored(database.db, key)).toBe(true);
    expect(await balanceOf(userId)).toEqual({ available: 5, held: 0 });
    expect(await usageOf(userId)).toEqual([{ amount: -cost, source: key }]);
  });

  it("holds the cost while the result is made, outside any transaction", async () => {
    const userId = await userWith(cost);
    const make = async () => {
      expect(await balanceOf(userId)).toEqual({ available: 0, held: cost });
      await grant(userId, 1);
      return "result";
    };
    await chargeFor({ userId, key: newKey() }, { make });
    expect(await balanceOf(userId)).toEqual({ available: 1, held: 0 });
  });

  it("does nothing when the key is repeated", async () => {
    const userId = await userWith(3 * cost);
    const key = newKey();
    await chargeFor({ userId, key });
    const make = () => Promise.reject(new Error("made twice"));
    expect(await chargeFor({ userId, key }, { make })).toEqual({ created: false });
    expect(await usageOf(userId)).toHaveLength(1);
  });

  it("creates one result and one charge from ten concurrent requests with one key", async () => {
    const userId = await userWith(10 * cost);
    const key = newKey();
    const results = await Promise.all(Array.from({ length: 10 }, () => chargeFor({ userId, key })));
    expect(results.filter(({ created }) => created)).toHaveLength(1);
    expect(await balanceOf(userId)).toEqual({ available: 9 * cost, held: 0 });
  });

  it("rejects a balance that is too low and leaves the key usable", async () => {
    const userId = await userWith(cost - 1);
    const key = newKey();
    await expect(chargeFor({ userId, key })).rejects.toThrow(InsufficientCredits);
    expect(await isStored(database.db, key)).toBe(false);
    await grant(userId, 1);
    expect(await chargeFor({ userId, key })).toEqual({ created: true });
  });

  it("rejects an unknown feature before it holds anything", async () => {
    const userId = await userWith(cost);
    const work = { isStored: async () => false, make: () => 1, store: async () => true };
    await expect(
      withCharge("no-feature", { db: database.db, userId, key: newKey(), clock: () => NOW }, work),
    ).rejects.toThrow();
    expect(await balanceOf(userId)).toEqual({ available: cost, held: 0 });
  });
});

describe("withCharge of a feature with a rate card", () => {
  /** 0.7 credits a minute, never more than the hold. */
  const transcribe = (
    userId: string,
    { expected, used, clock = () => NOW }: { expected: number; used: number; clock?: () => Date },
  ) => {
    const key = newKey();
    const charge = {
      db: database.db,
      userId,
      key,
      clock,
      expected: { units: { minute: expected } },
    };
    return withCharge("transcript", charge, {
      isStored: (db) => isStored(db, key),
      make: () => "text",
      store: (tx, content) => store(tx, key, content),
      unitsOf: () => ({ minute: used }),
    });
  };

  it.each([
    { name: "the units used, rounded up", expected: 10, used: 4, charged: 3 },
    { name: "at most the hold, by its policy", expected: 10, used: 60, charged: 7 },
    { name: "nothing when nothing was used", expected: 10, used: 0, charged: 0 },
  ])("stores the result and charges $name", async ({ expected, used, charged }) => {
    const userId = await userWith(100);
    expect(await transcribe(userId, { expected, used })).toEqual({ created: true });
    expect(await balanceOf(userId)).toEqual({ available: 100 - charged, held: 0 });
    const [row] = await database.sql`select feature, usage from credit_transaction
      where user_id = ${userId} and type = 'USAGE'`;
    expect(row ?? null).toEqual(
      charged === 0 ? null : { feature: "transcript", usage: { units: { minute: used } } },
    );
  });

  it("charges from the balance after the lapse, and stores nothing if it can't", async () => {
    const clockOf = (times: readonly Date[]) => {
      let n = 0;
      return () => times[Math.min(n++, times.length - 1)] ?? NOW;
    };
    const late = () => clockOf([NOW, later(31)]);
    const rich = await userWith(100);
    expect(await transcribe(rich, { expected: 10, used: 10, clock: late() })).toEqual({
      created: true,
    });
    expect(await balanceOf(rich, later(31))).toEqual({ available: 93, held: 0 });
    const poor = await userWith(7);
    const spendAll = () =>
      database.db.transaction((tx) =>
        spendCredits(tx, { userId: poor, key: "all", amount: 7, source: "test", now: later(31) }),
      );
    const key = newKey();
    const attempt = withCharge(
      "transcript",
      { db: database.db, userId: poor, key, clock: late() },
      {
        isStored: (db) => isStored(db, key),
        make: async () => {
          await spendAll();
          return "text";
        },
        store: (tx, content) => store(tx, key, content),
      },
    );
    await expect(attempt).rejects.toThrow(HoldLapsed);
    expect(await isStored(database.db, key)).toBe(false);
  });
});

describe("withCharge on failure", () => {
  it("releases the hold when the work throws, and uses up the key", async () => {
    const userId = await userWith(cost);
    const key = newKey();
    const make = () => Promise.reject(new Error("work failed"));
    await expect(chargeFor({ userId, key }, { make })).rejects.toThrow("work failed");
    expect(await balanceOf(userId)).toEqual({ available: cost, held: 0 });
    await expect(chargeFor({ userId, key })).rejects.toThrow(HoldClosed);
    expect(await chargeFor({ userId, key: newKey() })).toEqual({ created: true });
  });

  it("rolls back what was stored when storing fails", async () => {
    const userId = await userWith(cost);
    const key = newKey();
    const failAfterStoring = async (tx: Transaction, content: string) => {
      await store(tx, key, content);
      throw new Error("storing failed");
    };
    await expect(chargeFor({ userId, key }, { store: failAfterStoring })).rejects.toThrow(
      "storing failed",
    );
    expect(await isStored(database.db, key)).toBe(false);
    expect(await balanceOf(userId)).toEqual({ available: cost, held: 0 });
  });

  it("stores nothing when the hold lapses during the work", async () => {
    const userId = await userWith(cost);
    const key = newKey();
    const instants = [NOW];
    const clock = () => instants.shift() ?? later(holdMinutes);
    await expect(chargeFor({ userId, key, clock })).rejects.toThrow(HoldLapsed);
    expect(await isStored(database.db, key)).toBe(false);
    expect(await balanceOf(userId, later(holdMinutes))).toEqual({ available: cost, held: 0 });
  });

  it("resumes with the hold of a crashed attempt, which otherwise lapses", async () => {
    const userId = await userWith(cost);
    const key = newKey();
    const expiresAt = later(holdMinutes);
    await database.db.transaction((tx) =>
      holdCredits(tx, {
        userId,
        key: `${key}:hold`,
        amount: cost,
        source: key,
        expiresAt,
        now: NOW,
      }),
    );
    expect(await balanceOf(userId)).toEqual({ available: 0, held: cost });
    expect(await balanceOf(userId, expiresAt)).toEqual({ available: cost, held: 0 });
    const clock = () => later(holdMinutes - 1);
    expect(await chargeFor({ userId, key, clock })).toEqual({ created: true });
    expect(await usageOf(userId)).toHaveLength(1);
  });

  it("reports success when the response to COMMIT was lost", async () => {
    const userId = await userWith(cost);
    const key = newKey();
    const db = loseResponseOfTransaction(2);
    const work = {
      isStored: (executor: Executor) => isStored(executor, key),
      make: () => "result",
      store: (tx: Transaction, content: string) => store(tx, key, content),
    };
    const charge = { db, userId, key, clock: () => NOW };
    expect(await withCharge(product.feature, charge, work)).toEqual({ created: true });
    expect(await usageOf(userId)).toHaveLength(1);
  });

  it("does not give away a second result after the first was deleted", async () => {
    const userId = await userWith(2 * cost);
    const key = newKey();
    await chargeFor({ userId, key });
    await database.sql`delete from charged_result where key = ${key}`;
    await expect(chargeFor({ userId, key })).rejects.toThrow(ChargedResultGone);
    expect(await isStored(database.db, key)).toBe(false);
    expect(await balanceOf(userId)).toEqual({ available: cost, held: 0 });
  });

  it("throws the work's error when the key belongs to another result", async () => {
    const userId = await userWith(cost);
    const taken = () => Promise.reject(new Error("key taken"));
    await expect(chargeFor({ userId, key: newKey() }, { isStored: taken })).rejects.toThrow(
      "key taken",
    );
    expect(await balanceOf(userId)).toEqual({ available: cost, held: 0 });
  });
});

/** The database, except that the caller sees the nth transaction fail after it was committed. */
function loseResponseOfTransaction(nth: number): TestDatabase["db"] {
  let transactions = 0;
  return new Proxy(database.db, {
    get(target, name, receiver) {
      if (name !== "transaction") return Reflect.get(target, name, receiver);
      return async (work: Parameters<typeof target.transaction>[0]) => {
        const result = await target.transaction(work);
        transactions += 1;
        if (transactions === nth) throw new Error("connection lost");
        return result;
      };
    },
  });
}
