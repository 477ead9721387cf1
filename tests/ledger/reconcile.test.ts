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
import { writeCredits } from "./ledger-calls";
import { NOW, prepareUser } from "./prepared-user";

const UNLIMITED = Number.POSITIVE_INFINITY;
const minutesOn = (minutes: number) => new Date(NOW.getTime() + minutes * 60_000);
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

/** Users whose id sorts as they are named; each with lots, a spend, a revocation and an open hold. */
async function makeUsers(...ids: string[]): Promise<void> {
  for (const id of ids) await prepareUser(test.db, id);
}

/** A user who was 60 in debt, of which a later grant settled 50. */
async function makeDebtor(id: string): Promise<void> {
  const lot = { type: "PURCHASE_PACKAGE", paid: true, expiresAt: null, now: NOW } as const;
  await write(id, { write: "grant", input: { ...lot, key: "g", amount: 60, source: "a" } });
  await write(id, { write: "spend", input: { key: "s", amount: 60, source: "b", now: NOW } });
  await write(id, { write: "revoke", input: { key: "v", amount: 60, source: "a", now: NOW } });
  await write(id, { write: "grant", input: { ...lot, key: "g2", amount: 50, source: "c" } });
}

/** As nobody but the owner can, and only with the triggers out of the way. */
async function rewriteHistory(table: string, statement: string): Promise<void> {
  await test.ownerSql.begin(async (sql) => {
    await sql.unsafe(`alter table ${table} disable trigger user`);
    await sql.unsafe(statement);
    await sql.unsafe(`alter table ${table} enable trigger user`);
  });
}

/** Each breaks one thing that the books of user `victim` say. */
const BREAKS = [
  ["the cached balance", "credit_account", "set balance = balance + 1", "true"],
  ["the credits held", "credit_account", "set held = held + 1", "true"],
  ["the version", "credit_account", "set version = version + 1", "true"],
  ["what a lot has left", "credit_lot", "set remaining = remaining - 1", "seq = 2"],
  ["a transaction's amount", "credit_transaction", "set amount = amount + 1", "seq = 3"],
  ["an open hold's amount", "credit_hold", "set amount = amount + 1", "key = 'h'"],
] as const;

describe("a reconciliation", () => {
  beforeEach(async () => {
    await test.close();
    test = await createTestDatabase();
  });

  it("finds sound books sound, and says so", async () => {
    await makeUsers("a", "b");
    await makeDebtor("c");
    expect(await reconcile()).toMatchObject({ usersChecked: 3, driftedUsers: [] });
    expect(await lastReconciliation(test.db)).toMatchObject({ usersChecked: 3, startedAt: NOW });
    expect(await frozenUsers()).toEqual([]);
  });

  it.each(BREAKS)("finds out who it is when %s is wrong", async (_what, table, change, which) => {
    await makeUsers("before", "victim", "witness");
    await rewriteHistory(table, `update ${table} ${change} where user_id = 'victim' and ${which}`);
    await expectOnlyVictimFound();
  });

  it("finds out who it is when the debt is wrong, all else agreeing", async () => {
    await makeUsers("before", "witness");
    await makeDebtor("victim");
    // 5 more of debt, with a balance and a revocation's amount that fit it.
    await rewriteHistory(
      "credit_account",
      `update credit_account set debt = debt + 5, balance = balance - 5 where user_id = 'victim'`,
    );
    await rewriteHistory(
      "credit_transaction",
      `update credit_transaction set amount = amount - 5 where user_id = 'victim' and seq = 3`,
    );
    await expectOnlyVictimFound();
  });

  it("finds out who it is when a settlement is gone", async () => {
    await makeUsers("before", "witness");
    await makeDebtor("victim");
    await rewriteHistory(
      "credit_settlement",
      "delete from credit_settlement where user_id = 'victim'",
    );
    await expectOnlyVictimFound();
  });

  it("finds out who it is when a transaction is missing, although the sums agree", async () => {
    await makeUsers("before", "victim", "witness");
    await rewriteHistory(
      "credit_transaction",
      `with gone as (delete from credit_transaction where user_id = 'victim' and seq = 3
          returning amount)
        update credit_transaction set amount = amount + (select amount from gone)
        where user_id = 'victim' and seq = 1`,
    );
    await expectOnlyVictimFound();
  });

  it("finds out who it is when transactions are missing and the version fits their number", async () => {
    await makeUsers("before", "victim", "witness");
    await rewriteHistory(
      "credit_transaction",
      `with gone as (delete from credit_transaction where user_id = 'victim' and seq = 3
          returning amount)
        update credit_transaction set amount = amount + (select amount from gone)
        where user_id = 'victim' and seq = 1`,
    );
    await test.ownerSql`update credit_account set version = version - 1 where user_id = 'victim'`;
    expect(await reconcile()).toMatchObject({ usersChecked: 3, driftedUsers: ["victim"] });
    expect(await frozenUsers()).toEqual(["victim"]);
  });

  /** The victim, and nobody else, may not spend any more; grants still reach them. */
  async function expectOnlyVictimFound(): Promise<void> {
    expect(await reconcile(2)).toMatchObject({ usersChecked: 3, driftedUsers: ["victim"] });
    expect(await frozenUsers()).toEqual(["victim"]);
    await expect(spend("victim", "after")).rejects.toMatchObject({ code: "account_frozen" });
    await spend("before", "after");
    await spend("witness", "after");
    await write("victim", {
      write: "grant",
      input: {
        ...{ key: "late", amount: 10, type: "PURCHASE_PACKAGE", source: "checkout:late" },
        ...{ expiresAt: null, paid: true, now: NOW },
      },
    });
    expect(await lastReconciliation(test.db)).toMatchObject({ driftedUsers: ["victim"] });
  }

  it("checks each of more users than a batch once, also when the last batch is full", async () => {
    await makeUsers("a", "b", "c", "d", "e", "f");
    await test.ownerSql`update credit_account set balance = balance + 1 where user_id in ('b', 'f')`;
    for (const batchUsers of [1, 2, 3, 4, 6, 7]) {
      const found = await reconcile(batchUsers);
      expect(found, `${batchUsers} a batch`).toMatchObject({
        ...{ usersChecked: 6, driftedUsers: ["b", "f"], reachedUser: "f" },
      });
      expect(found.finishedAt).not.toBeNull();
    }
  });

  it("keeps the instant and the reason of a freeze that was there before", async () => {
    await makeUsers("a");
    await test.ownerSql`update credit_account set frozen_at = ${minutesOn(-60)},
      frozen_reason = 'an admin', balance = balance + 1`;
    await reconcile();
    const [account] = await test.sql`select frozen_at, frozen_reason from credit_account`;
    expect(account).toEqual({ frozen_at: minutesOn(-60), frozen_reason: "an admin" });
  });

  it("finds nothing beside spends that go on, and freezes nobody", async () => {
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

describe("a reconciliation that is cut off", () => {
  beforeEach(async () => {
    await test.close();
    test = await createTestDatabase();
    await makeUsers("a", "b", "c", "d", "e");
    await test.ownerSql`update credit_account set balance = balance + 1 where user_id in ('a', 'e')`;
  });

  it("at its deadline has kept how far it got, and is gone on with", async () => {
    // A clock that moves by a millisecond whenever somebody looks: time for a batch or two.
    let looks = 0;
    vi.spyOn(performance, "now").mockImplementation(() => looks++);
    const stopped = await reconcileBooks(test.db, { now: NOW, deadlineMs: 4, batchUsers: 2 });
    vi.restoreAllMocks();
    expect(stopped).toMatchObject({ driftedUsers: ["a"], finishedAt: null });
    expect([2, 4]).toContain(stopped.usersChecked);
    expect(await lastReconciliation(test.db)).toBeUndefined();
    const finished = await reconcile(2);
    expect(finished).toMatchObject({
      ...{ id: stopped.id, usersChecked: 5, driftedUsers: ["a", "e"] },
    });
    expect(finished.finishedAt).not.toBeNull();
    expect(await test.db.$count(reconciliation)).toBe(1);
  });

  it("by a kill loses nothing of the batches that were committed", async () => {
    const { id } = await openReconciliation(test.db, NOW);
    await test.sql`select credits_reconcile_batch(${id}, 2, ${NOW})`;
    expect(await runningReconciliation(test.db)).toMatchObject({
      ...{ usersChecked: 2, reachedUser: "b", driftedUsers: ["a"], finishedAt: null },
    });
    expect(await frozenUsers()).toEqual(["a"]);
    expect(await reconcile(2)).toMatchObject({ id, usersChecked: 5, driftedUsers: ["a", "e"] });
  });

  it("is told from one that somebody is at", async () => {
    const opened = await openReconciliation(test.db, NOW);
    expect([isInterrupted(opened, minutesOn(0.9)), isInterrupted(opened, minutesOn(1.1))]).toEqual([
      ...[false, true],
    ]);
    await test.sql`select credits_reconcile_batch(${opened.id}, 2, ${minutesOn(5)})`;
    const running = await runningReconciliation(test.db);
    if (running === undefined) throw new Error("none is running");
    expect([
      isInterrupted(running, minutesOn(5.9)),
      isInterrupted(running, minutesOn(6.1)),
    ]).toEqual([...[false, true]]);
    expect(isInterrupted(await reconcile(), minutesOn(600))).toBe(false);
  });

  it("is shared by all who work on it at once: each user is checked once", async () => {
    await openReconciliation(test.db, NOW);
    await Promise.all([1, 2, 3, 4].map(() => reconcile(1)));
    const all = await test.db.select().from(reconciliation);
    for (const one of all) {
      expect(one).toMatchObject({ usersChecked: 5, driftedUsers: ["a", "e"] });
      expect(one.finishedAt).not.toBeNull();
    }
  });
});
