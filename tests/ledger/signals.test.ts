import { addHours } from "date-fns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "@/db/client";
import { adjustCredits, spendCredits } from "@/ledger/debit";
import { expireCredits } from "@/ledger/distribution/expire";
import { grantCredits } from "@/ledger/grant";
import { captureHold, holdCredits, releaseHold } from "@/ledger/hold";
import { setSpendLimit } from "@/ledger/limits";
import {
  type CreditSignal,
  hasSignals,
  pruneSignals,
  setLowBalance,
  setLowBalanceDefault,
  takeSignals,
} from "@/ledger/signals";
import { SpendBatcher } from "@/ledger/spend-batcher";
import { expectBooksBalanced } from "../support/books";
import { connectToDatabase } from "../support/connect-to-database";
import { createTestDatabase, type TestDatabase } from "../support/database";

const NOW = new Date("2026-03-01T12:00:00Z");
const CONNECTIONS = 20;

let database: TestDatabase;
let db: Database;
let users = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connectToDatabase(database.appUrl, { max: CONNECTIONS });
});

afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await db.$client.end();
  await database.close();
});

async function newUser(credits: number, expiresAt: Date | null = null): Promise<string> {
  const userId = `user-${++users}`;
  await grant(userId, "first", credits, expiresAt);
  return userId;
}

function grant(userId: string, key: string, amount: number, expiresAt: Date | null = null) {
  const lot = { type: "PURCHASE_PACKAGE", source: "checkout:a", paid: true } as const;
  return db.transaction((tx) =>
    grantCredits(tx, { ...lot, userId, key, amount, expiresAt, now: NOW }),
  );
}

function spend(userId: string, key: string, amount: number, serviceId?: string) {
  const by = serviceId === undefined ? {} : { serviceId };
  const write = { userId, key, amount, source: "job", now: NOW, ...by };
  return db.transaction((tx) => spendCredits(tx, write));
}

function hold(userId: string, key: string, amount: number, expiresAt = addHours(NOW, 1)) {
  const write = { userId, key, amount, source: "job", serviceId: "svc", feature: "f" };
  return db.transaction((tx) => holdCredits(tx, { ...write, expiresAt, now: NOW }));
}

/** Takes all signals and returns what they say. */
async function taken(): Promise<readonly Omit<CreditSignal, "id">[]> {
  const signals = await db.transaction((tx) => takeSignals(tx, { limit: 1000 }));
  return signals.map(({ id: _, ...signal }) => signal);
}

const kinds = async () => (await taken()).map(({ kind }) => kind).sort();

describe("a write", () => {
  it("signals when the balance falls below the threshold, and not again below it", async () => {
    const userId = await newUser(35);
    await spend(userId, "a", 5);
    expect(await taken()).toEqual([]);
    await spend(userId, "b", 5);
    const facts = { available: 25, threshold: 30, isCharge: true };
    expect(await taken()).toEqual([{ userId, kind: "balance-low", at: NOW, facts }]);
    await spend(userId, "c", 5);
    await spend(userId, "b", 5);
    expect(await taken()).toEqual([]);
  });

  it("signals again after the balance has risen above the threshold", async () => {
    const userId = await newUser(35);
    await spend(userId, "a", 10);
    await grant(userId, "more", 10);
    await spend(userId, "b", 10);
    expect(await kinds()).toEqual(["balance-low", "balance-low"]);
  });

  it("signals the end of the credits, and both when it passes both", async () => {
    const userId = await newUser(35);
    await spend(userId, "a", 35);
    const signals = await taken();
    expect(signals.map(({ kind }) => kind).sort()).toEqual(["balance-depleted", "balance-low"]);
    for (const { facts } of signals) expect(facts).toMatchObject({ available: 0, isCharge: true });
  });

  it("uses the account's own threshold, or the default of the site", async () => {
    const userId = await newUser(100);
    const own = { userId, credits: 80, now: NOW };
    await db.transaction((tx) => setLowBalance(tx, own));
    await spend(userId, "a", 30);
    expect(await taken()).toMatchObject([{ facts: { available: 70, threshold: 80 } }]);
    await db.transaction((tx) => setLowBalance(tx, { ...own, credits: null }));
    await setLowBalanceDefault(db, 60);
    await spend(userId, "b", 15);
    expect(await taken()).toMatchObject([{ facts: { available: 55, threshold: 60 } }]);
    await setLowBalanceDefault(db, 30);
    await spend(userId, "c", 5);
    expect(await taken()).toEqual([]);
  });

  it("keeps a threshold that was set before the account existed", async () => {
    await db.transaction((tx) => setLowBalance(tx, { userId: "early", credits: 90, now: NOW }));
    await grant("early", "first", 100);
    await spend("early", "a", 20);
    expect(await kinds()).toEqual(["balance-low"]);
  });

  it("signals for a hold as for a spend, and not for its capture", async () => {
    const userId = await newUser(35);
    await hold(userId, "h", 10);
    expect(await taken()).toMatchObject([{ kind: "balance-low", facts: { isCharge: true } }]);
    await db.transaction((tx) => captureHold(tx, { userId, holdKey: "h", key: "c", now: NOW }));
    expect(await taken()).toEqual([]);
  });

  it("distinguishes what the user did from an adjustment and an expiry", async () => {
    const adjusted = await newUser(35);
    await db.transaction((tx) =>
      adjustCredits(tx, { userId: adjusted, key: "a", amount: -10, source: "admin", now: NOW }),
    );
    expect(await taken()).toMatchObject([{ userId: adjusted, facts: { isCharge: false } }]);

    const expired = await newUser(35, addHours(NOW, 1));
    await expireCredits(db, { runId: null, now: addHours(NOW, 2), deadlineMs: Infinity });
    expect(await taken()).toMatchObject([
      { userId: expired, facts: { available: 0, isCharge: false } },
      { userId: expired, facts: { available: 0, isCharge: false } },
    ]);
  });

  it("signals a hold that has lapsed once, whichever write books it", async () => {
    const booked = await newUser(100);
    const swept = await newUser(100);
    const released = await newUser(100);
    const lapsesAt = addHours(NOW, 1);
    for (const userId of [booked, swept, released]) await hold(userId, "h", 10, lapsesAt);
    const later = addHours(NOW, 2);
    const write = { userId: booked, key: "s", amount: 1, source: "job", now: later };
    await db.transaction((tx) => spendCredits(tx, write));
    const release = { userId: released, holdKey: "h", key: "r", now: later };
    await db.transaction((tx) => releaseHold(tx, release));
    await expireCredits(db, { runId: null, now: later, deadlineMs: Infinity });
    const facts = { holdKey: "h", amount: 10, serviceId: "svc", feature: "f", heldAt: NOW };
    const signals = await taken();
    expect(signals.map(({ userId }) => userId).sort()).toEqual([booked, swept, released].sort());
    for (const signal of signals)
      expect(signal).toMatchObject({ kind: "hold-lapsed", at: lapsesAt, facts });
  });

  it("signals a limit that it reaches, soft or hard, once", async () => {
    const userId = await newUser(1000);
    const limit = (isHard: boolean, amount: number, serviceId: string) =>
      db.transaction((tx) =>
        setSpendLimit(tx, { subject: { serviceId }, window: "day", amount, isHard }),
      );
    await limit(false, 50, "soft");
    await limit(true, 50, "hard");
    for (const serviceId of ["soft", "hard"])
      for (let nth = 0; nth < 5; nth += 1) await spend(userId, `${serviceId}${nth}`, 10, serviceId);
    await spend(userId, "over", 10, "soft");
    await expect(spend(userId, "refused", 10, "hard")).rejects.toThrow("spending limit");
    const signals = (await taken()).map(({ facts }) => facts);
    expect(
      signals.toSorted(
        (a, b) => Number("isHard" in a && a.isHard) - Number("isHard" in b && b.isHard),
      ),
    ).toMatchObject([
      { serviceId: "soft", isHard: false, amount: 50, used: 50, isOfUser: false },
      { serviceId: "hard", isHard: true, amount: 50, used: 50, window: "day" },
    ]);
  });

  it("leaves no signal when it is rolled back", async () => {
    const userId = await newUser(35);
    const rolledBack = db.transaction(async (tx) => {
      await spendCredits(tx, { userId, key: "a", amount: 35, source: "job", now: NOW });
      throw new Error("undone");
    });
    await expect(rolledBack).rejects.toThrow("undone");
    expect(await hasSignals(db)).toBe(false);
  });
});

describe("parallel spends", () => {
  it("cross each threshold once, alone and in batches", async () => {
    const batcher = new SpendBatcher(db);
    const alone = await Promise.all(Array.from({ length: 5 }, () => newUser(100)));
    const batched = await Promise.all(Array.from({ length: 20 }, () => newUser(100)));
    const keys = Array.from({ length: 25 }, (_, nth) => `p${nth}`);
    await Promise.all([
      ...alone.flatMap((userId) => keys.map((key) => spend(userId, key, 4))),
      ...batched.flatMap((userId) =>
        keys.map((key) => batcher.spend({ userId, key, amount: 4, source: "job", now: NOW })),
      ),
    ]);
    const signals = await taken();
    for (const userId of [...alone, ...batched]) {
      const own = signals.filter((signal) => signal.userId === userId);
      expect(own.map(({ kind }) => kind).sort()).toEqual(["balance-depleted", "balance-low"]);
    }
    expect(signals).toHaveLength(2 * (alone.length + batched.length));
  });
});

describe("takeSignals", () => {
  it("gives concurrent callers different signals, and keeps those of a caller that fails", async () => {
    const count = 40;
    for (let nth = 0; nth < count; nth += 1) await spend(await newUser(35), "a", 10);
    const seen: string[] = [];
    const crashed = db.transaction(async (tx) => {
      await takeSignals(tx, { limit: 10 });
      throw new Error("killed");
    });
    await expect(crashed).rejects.toThrow("killed");
    await Promise.all(
      Array.from({ length: 10 }, () =>
        db.transaction(async (tx) => {
          seen.push(...(await takeSignals(tx, { limit: 7 })).map(({ id }) => id));
        }),
      ),
    );
    seen.push(
      ...(await db.transaction((tx) => takeSignals(tx, { limit: 100 }))).map(({ id }) => id),
    );
    expect(seen).toHaveLength(count);
    expect(new Set(seen).size).toBe(count);
  });

  it("leaves out the signals that the caller names", async () => {
    await spend(await newUser(35), "a", 10);
    await spend(await newUser(35), "a", 10);
    const [first] = await db.transaction((tx) => takeSignals(tx, { limit: 1 }));
    expect(first).toBeDefined();
    const [second] = await database.sql<{ id: string }[]>`select id from credit_signal`;
    const except = [String(second?.id)];
    expect(await db.transaction((tx) => takeSignals(tx, { limit: 10, except }))).toEqual([]);
    expect(await pruneSignals(db, { before: NOW, limit: 10 })).toBe(0);
    expect(await pruneSignals(db, { before: addHours(NOW, 1), limit: 10 })).toBe(1);
  });
});
