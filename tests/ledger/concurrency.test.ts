import { millisecondsInHour } from "date-fns/constants";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "@/db/client";
import { spendCredits } from "@/ledger/debit";
import { expireCredits } from "@/ledger/distribution/expire";
import { InsufficientCredits } from "@/ledger/errors";
import { openCreditAccount } from "@/ledger/grant";
import { getBalance } from "@/ledger/reads/balance";
import { AppError } from "@/lib/errors";
import { expectBooksBalanced } from "../support/books";
import { connectToDatabase } from "../support/connect-to-database";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { NOW, prepareAccount, type WriteCall, writeCalls } from "./account-scenario";
import { writeCredits } from "./calls";

const CONNECTIONS = 50;
let database: TestDatabase;
let db: Database;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connectToDatabase(database.appUrl, { max: CONNECTIONS });
  // Opens every connection first, so that the calls are concurrent.
  await inParallel(() => db.execute("select pg_sleep(0.2)"));
});

afterAll(async () => {
  await db.$client.end();
  await database.close();
});

function inParallel<Result>(work: (nth: number) => PromiseLike<Result>): Promise<Result[]> {
  return Promise.all(Array.from({ length: CONNECTIONS }, (_, nth) => work(nth)));
}

const write = (userId: string, call: WriteCall) =>
  db.transaction((tx) => writeCredits(tx, userId, call));

const availableTo = async (userId: string) => (await getBalance(db, { userId, at: NOW })).available;

describe("fifty connections", () => {
  it("complete exactly twenty spends when the balance covers twenty", async () => {
    const userId = "rush";
    await write(userId, {
      write: "grant",
      input: {
        key: "g",
        amount: 200,
        type: "PURCHASE_PACKAGE",
        source: "checkout:a",
        expiresAt: null,
        paid: true,
        now: NOW,
      },
    });
    const outcomes = await inParallel((nth) =>
      db
        .transaction((tx) =>
          spendCredits(tx, {
            userId,
            key: `s${nth}`,
            amount: 10,
            source: `reading:${nth}`,
            now: NOW,
          }),
        )
        .then(
          (booking) => booking.balanceAfter,
          (error: unknown) => error,
        ),
    );
    const spent = outcomes.filter((outcome) => typeof outcome === "number");
    expect(spent.toSorted((a, b) => b - a)).toEqual(
      Array.from({ length: 20 }, (_, n) => 190 - 10 * n),
    );
    const refused = outcomes.filter((outcome) => typeof outcome !== "number");
    expect(refused).toEqual(
      Array.from({ length: 30 }, () => new InsufficientCredits({ required: 10, available: 0 })),
    );
    expect(await availableTo(userId)).toBe(0);
    await expectBooksBalanced(database.sql, userId);
  });

  it("grant the sign-up credits of a new user once", async () => {
    const userId = "newcomer";
    await inParallel(() => db.transaction((tx) => openCreditAccount(tx, { userId, now: NOW })));
    expect(await availableTo(userId)).toBe(120);
    await expectBooksBalanced(database.sql, userId);
  });

  it("run all writes on a few users without deadlocks and leave balanced books", async () => {
    const users = ["crowd-1", "crowd-2", "crowd-3"];
    for (const userId of users) await prepareAccount(db, userId);
    const rounds = fc.sample(fc.array(fc.nat(1000), { minLength: 12, maxLength: 12 }), {
      numRuns: CONNECTIONS,
      seed: 20_260_101,
    });
    const failures: unknown[] = [];
    const outcomes = { applied: 0, refused: 0 };
    await inParallel(async (nth) => {
      for (const [round, pick] of (rounds[nth] ?? []).entries()) {
        const now = new Date(NOW.getTime() + pick * millisecondsInHour);
        if (pick % 11 === 0) {
          await expireCredits(db, { runId: null, now, deadlineMs: Number.MAX_VALUE });
          continue;
        }
        // Every third key is shared, so that calls conflict on keys, holds and revocations.
        const key = pick % 3 === 0 ? `shared:${pick % 7}` : `key:${nth}:${round}`;
        const calls = writeCalls(key, now);
        const call = calls[pick % calls.length];
        const userId = users[pick % users.length];
        if (call === undefined || userId === undefined)
          throw new Error("The pick is out of range.");
        await write(userId, call).then(
          () => (outcomes.applied += 1),
          (error: unknown) => {
            if (error instanceof AppError) outcomes.refused += 1;
            else failures.push(error);
          },
        );
      }
    });
    expect(failures).toEqual([]);
    expect(outcomes.applied).toBeGreaterThan(100);
    expect(outcomes.refused).toBeGreaterThan(20);
    await expectBooksBalanced(database.sql);
  });
});

describe("the same key on fifty connections", () => {
  it.each(writeCalls("op").map((call) => [call.write, call] as const))(
    "applies %s once and returns the same result to all",
    async (name, call) => {
      const userId = `same-key-${name}`;
      await prepareAccount(db, userId);
      const results = await inParallel(() => write(userId, call));
      const first = results.find((result) => !result.replayed);
      const repeated = results.filter((result) => result.replayed);
      expect(repeated).toEqual(
        Array.from({ length: CONNECTIONS - 1 }, () => ({ ...first, replayed: true })),
      );
      await expectBooksBalanced(database.sql, userId);
    },
  );
});
