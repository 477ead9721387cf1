import { millisecondsInMinute } from "date-fns/constants";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  isInterrupted,
  lastReconciliation,
  openReconciliation,
  reconcileBooks,
  runningReconciliation,
} from "@/ledger/reconcile";
import { reconciliation } from "@/ledger/schema";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { NOW, prepareAccount } from "./account-scenario";
import { writeCredits } from "./calls";

const UNLIMITED = Number.POSITIVE_INFINITY;
const minutesAfter = (minutes: number) => new Date(NOW.getTime() + minutes * millisecondsInMinute);
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => test.close());

const reconcile = (batchUsers = 100) =>
  reconcileBooks(test.db, { now: NOW, deadlineMs: UNLIMITED, batchUsers });
const write = (userId: string, call: Parameters<typeof writeCredits>[2]) =>
  test.db.transaction((tx) => writeCredits(tx, userId, call));
const spend = (userId: string, key: string, now = NOW) =>
  write(userId, { write: "spend", input: { key, amount: 1, source: key, now } });
const frozenUsers = async () => {
  const rows = await test.sql<{ user_id: string }[]>`
    select user_id from credit_account where frozen_at is not null order by user_id`;
  return rows.map((row) => row.user_id);
};

/** Creates users with lots, a spend, a revocation and an open hold each. */
async function makeUsers(...ids: string[]): Promise<void> {
  for (const id of ids) await prepareAccount(test.db, id);
}

/** Creates a user with 60 of debt, 50 of it settled by a later grant. */
async function makeDebtor(id: string): Promise<void> {
  const lot = { type: "PURCHASE_PACKAGE", paid: true, expiresAt: null, now: NOW } as const;
  await write(id, { write: "grant", input: { ...lot, key: "g", amount: 60, source: "a" } });
  await write(id, { write: "spend", input: { key: "s", amount: 60, source: "b", now: NOW } });
  await write(id, { write: "revoke", input: { key: "v", amount: 60, source: "a", now: NOW } });
  await write(id, { write: "grant", input: { ...lot, key: "g2", amount: 50, source: "c" } });
}

/** Changes rows as the owner, with the triggers disabled. */
async function rewriteHistory(table: string, statement: string): Promise<void> {
  await test.ownerSql.begin(async (sql) => {
    await sql.unsafe(`alter table ${table} disable trigger user`);
    await sql.unsafe(statement);
    await sql.unsafe(`alter table ${table} enable trigger user`);
  });
}

/** Each corrupts one value of the user `drifted`. */
const CORRUPTIONS = [
  ["the cached balance", "credit_account", "set balance = balance + 1", "true"],
  ["the held credits", "credit_account", "set held = held + 1", "true"],
  ["the version", "credit_account", "set version = version + 1", "true"],
  ["a lot's remaining credits", "credit_lot", "set remaining = remaining - 1", "seq = 2"],
  ["a transaction's amount", "credit_transaction", "set amount = amount + 1", "seq = 3"],
  ["an open hold's amount", "credit_hold", "set amount = amount + 1", "key = 'h'"],
] as const;

describe("reconcileBooks", () => {
  beforeEach(async () => {
    await test.close();
    test = await createTestDatabase();
  });

  it("records that balanced books have no drift", async () => {
    await makeUsers("a", "b");
    await makeDebtor("c");
    expect(await reconcile()).toMatchObject({ usersChecked: 3, driftedUsers: [] });
    expect(await lastReconciliation(test.db)).toMatchObject({ usersChecked: 3, startedAt: NOW });
    expect(await frozenUsers()).toEqual([]);
  });

  it.each(CORRUPTIONS)(
    "freezes the user for whom %s is wrong",
    async (_what, table, change, which) => {
      await makeUsers("before", "drifted", "unchanged");
      await rewriteHistory(
        table,
        `update ${table} ${change} where user_id = 'drifted' and ${which}`,
      );
      await expectOnlyDriftedFound();
    },
  );

  it("freezes the user whose debt is wrong while all sums agree", async () => {
    await makeUsers("before", "unchanged");
    await makeDebtor("drifted");
    // 5 more of debt, with a balance and a revocation's amount that fit it.
    await rewriteHistory(
      "credit_account",
      `update credit_account set debt = debt + 5, balance = balance - 5 where user_id = 'drifted'`,
    );
    await rewriteHistory(
      "credit_transaction",
      `update credit_transaction set amount = amount - 5 where user_id = 'drifted' and seq = 3`,
    );
    await expectOnlyDriftedFound();
  });

  it("freezes the user for whom a settlement is missing", async () => {
    await makeUsers("before", "unchanged");
    await makeDebtor("drifted");
    await rewriteHistory(
      "credit_settlement",
      "delete from credit_settlement where user_id = 'drifted'",
    );
    await expectOnlyDriftedFound();
  });

  it("freezes the user for whom a transaction is missing while the sums agree", async () => {
    await makeUsers("before", "drifted", "unchanged");
    await rewriteHistory(
      "credit_transaction",
      `with gone as (delete from credit_transaction where user_id = 'drifted' and seq = 3
          returning amount)
        update credit_transaction set amount = amount + (select amount from gone)
        where user_id = 'drifted' and seq = 1`,
    );
    await expectOnlyDriftedFound();
  });

  it("freezes the user for whom transactions are missing and the version matches their count", async () => {
    await makeUsers("before", "drifted", "unchanged");
    await rewriteHistory(
      "credit_transaction",
      `with gone as (delete from credit_transaction where user_id = 'drifted' and seq = 3
          returning amount)
        update credit_transaction set amount = amount + (select amount from gone)
        where user_id = 'drifted' and seq = 1`,
    );
    await test.ownerSql`update credit_account set version = version - 1 where user_id = 'drifted'`;
    expect(await reconcile()).toMatchObject({ usersChecked: 3, driftedUsers: ["drifted"] });
    expect(await frozenUsers()).toEqual(["drifted"]);
  });

  /** Expects that only the drifted user is frozen for spending, and still receives grants. */
  async function expectOnlyDriftedFound(): Promise<void> {
    expect(await reconcile(2)).toMatchObject({ usersChecked: 3, driftedUsers: ["drifted"] });
    expect(await frozenUsers()).toEqual(["drifted"]);
    await expect(spend("drifted", "after")).rejects.toMatchObject({ code: "account_frozen" });
    await spend("before", "after");
    await spend("unchanged", "after");
    await write("drifted", {
      write: "grant",
      input: {
        key: "late",
        amount: 10,
        type: "PURCHASE_PACKAGE",
        source: "checkout:late",
        expiresAt: null,
        paid: true,
        now: NOW,
      },
    });
    expect(await lastReconciliation(test.db)).toMatchObject({ driftedUsers: ["drifted"] });
  }

  it("checks each user once across batches, also when the last batch is full", async () => {
    await makeUsers("a", "b", "c", "d", "e", "f");
    await test.ownerSql`update credit_account set balance = balance + 1 where user_id in ('b', 'f')`;
    for (const batchUsers of [1, 2, 3, 4, 6, 7]) {
      const found = await reconcile(batchUsers);
      expect(found, `${batchUsers} a batch`).toMatchObject({
        usersChecked: 6,
        driftedUsers: ["b", "f"],
        reachedUser: "f",
      });
      expect(found.finishedAt).not.toBeNull();
    }
  });

  it("keeps the instant and the reason of an earlier freeze", async () => {
    await makeUsers("a");
    await test.ownerSql`update credit_account set frozen_at = ${minutesAfter(-60)},
      frozen_reason = 'an admin', balance = balance + 1`;
    await reconcile();
    const [account] = await test.sql`select frozen_at, frozen_reason from credit_account`;
    expect(account).toEqual({ frozen_at: minutesAfter(-60), frozen_reason: "an admin" });
  });

  it("finds no drift during concurrent spends", async () => {
    const users = Array.from({ length: 12 }, (_, n) => `busy-${n}`);
    await makeUsers(...users);
    let isBusy = true;
    const spending = Promise.all(
      users.map(async (userId) => {
        for (let n = 0; n < 40; n += 1) await spend(userId, `busy:${n}`);
      }),
    ).finally(() => {
      isBusy = false;
    });
    let runs = 0;
    while (isBusy) {
      expect(await reconcile(5)).toMatchObject({ usersChecked: 12, driftedUsers: [] });
      runs += 1;
    }
    await spending;
    expect(runs).toBeGreaterThan(1);
    expect(await frozenUsers()).toEqual([]);
    await expectBooksBalanced(test.ownerSql);
  });
});

describe("an interrupted reconciliation", () => {
  beforeEach(async () => {
    await test.close();
    test = await createTestDatabase();
    await makeUsers("a", "b", "c", "d", "e");
    await test.ownerSql`update credit_account set balance = balance + 1 where user_id in ('a', 'e')`;
  });

  it("keeps its progress at the deadline and resumes", async () => {
    // A clock that advances a millisecond per read leaves time for a batch or two.
    let reads = 0;
    vi.spyOn(performance, "now").mockImplementation(() => reads++);
    const stopped = await reconcileBooks(test.db, { now: NOW, deadlineMs: 4, batchUsers: 2 });
    vi.restoreAllMocks();
    expect(stopped).toMatchObject({ driftedUsers: ["a"], finishedAt: null });
    expect([2, 4]).toContain(stopped.usersChecked);
    expect(await lastReconciliation(test.db)).toBeUndefined();
    const finished = await reconcile(2);
    expect(finished).toMatchObject({
      id: stopped.id,
      usersChecked: 5,
      driftedUsers: ["a", "e"],
    });
    expect(finished.finishedAt).not.toBeNull();
    expect(await test.db.$count(reconciliation)).toBe(1);
  });

  it("keeps its committed batches after a kill", async () => {
    const { id } = await openReconciliation(test.db, NOW);
    await test.sql`select credits_reconcile_batch(${id}, 2, ${NOW})`;
    expect(await runningReconciliation(test.db)).toMatchObject({
      usersChecked: 2,
      reachedUser: "b",
      driftedUsers: ["a"],
      finishedAt: null,
    });
    expect(await frozenUsers()).toEqual(["a"]);
    expect(await reconcile(2)).toMatchObject({ id, usersChecked: 5, driftedUsers: ["a", "e"] });
  });

  it("is distinguished from a running one by its last progress", async () => {
    const opened = await openReconciliation(test.db, NOW);
    expect([
      isInterrupted(opened, minutesAfter(0.9)),
      isInterrupted(opened, minutesAfter(1.1)),
    ]).toEqual([false, true]);
    await test.sql`select credits_reconcile_batch(${opened.id}, 2, ${minutesAfter(5)})`;
    const running = await runningReconciliation(test.db);
    if (running === undefined) throw new Error("No reconciliation is running.");
    expect([
      isInterrupted(running, minutesAfter(5.9)),
      isInterrupted(running, minutesAfter(6.1)),
    ]).toEqual([false, true]);
    expect(isInterrupted(await reconcile(), minutesAfter(600))).toBe(false);
  });

  it("is shared by concurrent workers, which check each user once", async () => {
    await openReconciliation(test.db, NOW);
    await Promise.all([1, 2, 3, 4].map(() => reconcile(1)));
    const all = await test.db.select().from(reconciliation);
    for (const one of all) {
      expect(one).toMatchObject({ usersChecked: 5, driftedUsers: ["a", "e"] });
      expect(one.finishedAt).not.toBeNull();
    }
  });

  it("is resumed by the next call; a new one starts after it has finished", async () => {
    const { id } = await openReconciliation(test.db, NOW);
    expect(await reconcile()).toMatchObject({ id, usersChecked: 5 });
    const deadlineMs = performance.now();
    expect(await reconcileBooks(test.db, { now: NOW, deadlineMs })).not.toMatchObject({ id });
  });
});
