import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createDatabase, type Transaction } from "@/db/client";
import { spendCredits } from "@/ledger/debit";
import { distributionRun } from "@/ledger/distribution/schema";
import { grantCredits, openCreditAccount } from "@/ledger/grant";
import { rollUp, verifyRollUp } from "@/ledger/reports/roll-up";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { readDayTotals, readRolledTo, rollUpTo, sumLedgerOnceSwept } from "./day-totals";
import type { LedgerCall } from "./ledger-calls";
import { callOf, moveClock } from "./ledger-fixture";
import { type LedgerStep, ledgerStory } from "./ledger-steps";
import { LedgerTwin } from "./ledger-twin";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const born = new Date("2026-01-31T10:00:00Z");
const later = (at: Date, ms: number) => new Date(at.getTime() + ms);
let test: TestDatabase;

beforeEach(async () => {
  test = await createTestDatabase();
});
afterEach(() => test.close());

const expectExact = async (at: Date) =>
  expect(await readDayTotals(test.sql, at)).toEqual(await sumLedgerOnceSwept(test.sql, at));

async function signUp(userId: string, now = born): Promise<void> {
  await test.db.transaction((tx) => openCreditAccount(tx, { userId, now }));
}

async function grantIn(tx: Transaction, userId: string, key: string, now: Date): Promise<void> {
  const promise = { source: "checkout:a", type: "PURCHASE_PACKAGE", expiresAt: null } as const;
  await grantCredits(tx, { ...promise, userId, key, amount: 7, paid: true, priority: 0, now });
}

async function grant(userId: string, key: string, now: Date): Promise<void> {
  await test.db.transaction((tx) => grantIn(tx, userId, key, now));
}

describe("the sums by day and type", () => {
  it("are those of a ledger in which everything is booked, at any instant of random lives, however far it is rolled up", async () => {
    const seed = Number(process.env.FC_SEED ?? Date.now() % 2 ** 31);
    let clock = born;
    let unbooked = 0;
    for (const [nth, story] of fc.sample(ledgerStory, { seed, numRuns: 12 }).entries()) {
      clock = await live(story, { clock, name: `${seed}-${nth}`, seed });
      const [open] = await test.sql<{ count: number }[]>`
        select count(*)::int from credits_unbooked_expiries(${clock})`;
      unbooked += open?.count ?? 0;
    }
    expect(unbooked, `expiries that nobody had booked, seed ${seed}`).toBeGreaterThan(0);
    expect(await verifyRollUp(test.db), `seed ${seed}`).toBe(true);
    await expectBooksBalanced(test.sql);
  });

  /** Takes the steps of a story, now and then rolls up, and compares after every third one. */
  async function live(
    story: readonly (LedgerStep | null)[],
    { clock: from, name, seed }: { clock: Date; name: string; seed: number },
  ): Promise<Date> {
    let clock = from;
    let keys = 0;
    const twins = new Map<number, { twin: LedgerTwin; earlier: LedgerCall[] }>();
    for (const [nth, step] of story.entries()) {
      if (step === null) continue;
      const actor = twins.get(step.user) ?? {
        twin: await LedgerTwin.signUp(test, `${name}-${step.user}`, clock),
        earlier: [],
      };
      twins.set(step.user, actor);
      const newKey = () => `key:${++keys}`;
      const fixture = { model: actor.twin.model, earlier: actor.earlier, newKey };
      clock = moveClock(step.time, { ...fixture, clock });
      const call = callOf(step, { ...fixture, clock });
      // A sweep books everybody's; the twins of earlier stories would not hear of it.
      if (call.write === "sweep") continue;
      actor.earlier.push(call);
      await actor.twin.call(call);
      // Servers whose clock is behind book up to a day ago.
      if (step.pick % 5 === 0) await rollUpTo(test.db, test.sql, later(clock, -DAY_MS));
      if (nth % 3 > 0) continue;
      expect(await readDayTotals(test.sql, clock), `seed ${seed}`).toEqual(
        await sumLedgerOnceSwept(test.sql, clock),
      );
    }
    return clock;
  }

  it("are the same with a reader beside four workers that roll up and four that write", async () => {
    const users = ["a", "b", "c", "d"];
    for (const userId of users) await signUp(userId);
    let hour = 0;
    let writing = true;
    // A server's clock goes on while it writes, but is never an hour past that of one that took its
    // time and has not begun to write: however slow the machine, that is what a roll-up relies on.
    const aboutToWrite = new Set<number>();
    const write = async (userId: string) => {
      for (let nth = 0; nth < 30; nth++) {
        const taken = ++hour;
        aboutToWrite.add(taken);
        const now = later(born, taken * HOUR_MS);
        await test.db.transaction(async (tx) => {
          await grantIn(tx, userId, `g${nth}`, now);
          aboutToWrite.delete(taken);
          for (let wait = 0; wait < nth % 4; wait++) await tx.execute("select");
        });
      }
    };
    const work = async () => {
      while (writing) {
        const clock = Math.min(hour, ...aboutToWrite);
        await rollUp(test.db, { now: later(born, clock * HOUR_MS), deadlineMs: Infinity });
      }
    };
    const read = async () => {
      while (writing) {
        const [seen] = await test.sql`
          select (select sum(transactions) from credits_day_totals('-infinity', 'infinity', ${born}))
            = (select sum(version) from credit_account) as same`;
        expect(seen?.same).toBe(true);
      }
    };
    const writers = Promise.all(users.map(write)).finally(() => {
      writing = false;
    });
    await Promise.all([writers, work(), work(), work(), work(), read()]);
    const end = later(born, 200 * HOUR_MS);
    await rollUpTo(test.db, test.sql, end);
    expect(await verifyRollUp(test.db)).toBe(true);
    await expectExact(end);
  });
});

describe("a roll-up", () => {
  it("waits for a transaction that was writing when it said where it would go", async () => {
    await signUp("slow");
    await signUp("quick");
    const other = createDatabase(test.appUrl, { max: 1 });
    let commit = () => {};
    const held = new Promise<void>((resolve) => {
      commit = resolve;
    });
    let wrote = () => {};
    const written = new Promise<void>((resolve) => {
      wrote = resolve;
    });
    const slow = other.transaction(async (tx) => {
      const of = { userId: "slow", amount: 5, source: "x", now: later(born, HOUR_MS) };
      await spendCredits(tx, { ...of, key: "x:spend" });
      wrote();
      await held;
    });
    await written;
    const tomorrow = later(born, DAY_MS);
    for (let call = 0; call < 5; call++)
      await rollUp(test.db, { now: tomorrow, deadlineMs: Infinity });
    expect(await readRolledTo(test.sql)).toBeNull();
    await expectExact(tomorrow);
    commit();
    await slow;
    await rollUpTo(test.db, test.sql, tomorrow);
    await expectExact(tomorrow);
    expect(await verifyRollUp(test.db)).toBe(true);
    await other.$client.end();
  });

  it("goes no further than the instant that a running distribution books at", async () => {
    await signUp("a");
    const asOf = later(born, DAY_MS);
    const run = { startedAt: asOf, updatedAt: asOf };
    const [{ id } = { id: "" }] = await test.db
      .insert(distributionRun)
      .values({ ...run, asOf })
      .returning({ id: distributionRun.id });
    const muchLater = later(asOf, 9 * DAY_MS);
    await rollUpTo(test.db, test.sql, later(asOf, HOUR_MS));
    for (let call = 0; call < 5; call++)
      await rollUp(test.db, { now: muchLater, deadlineMs: Infinity });
    expect(await readRolledTo(test.sql)).toBe(asOf.getTime());
    await test.ownerSql`update distribution_run set status = 'done' where id = ${id}`;
    await rollUpTo(test.db, test.sql, muchLater);
  });

  it("catches up with a long ledger in steps, and stops when its time is up", async () => {
    await signUp("a");
    for (let month = 1; month <= 4; month++)
      await grant("a", `g${month}`, later(born, month * 30 * DAY_MS));
    const now = later(born, 130 * DAY_MS);
    await rollUp(test.db, { now, deadlineMs: performance.now() - 1 });
    expect(await readRolledTo(test.sql)).toBeNull();
    await rollUpTo(test.db, test.sql, now);
    await expectExact(now);
  });

  it("is made anew by the proof when somebody booked into the past that it had summed", async () => {
    await signUp("a");
    await signUp("b", later(born, 1));
    const now = later(born, 9 * DAY_MS);
    await rollUpTo(test.db, test.sql, now);
    expect(await verifyRollUp(test.db)).toBe(true);
    await grant("a", "late", later(born, DAY_MS));
    expect(await readDayTotals(test.sql, now)).not.toEqual(await sumLedgerOnceSwept(test.sql, now));
    expect(await verifyRollUp(test.db)).toBe(false);
    await expectExact(now);
    expect(await verifyRollUp(test.db)).toBe(true);
  });

  it("cannot be written by the application itself", async () => {
    await expect(test.sql`delete from credit_day_total`).rejects.toThrow("permission denied");
    await expect(test.sql`insert into credit_roll_up (rolled_to) values (now())`).rejects.toThrow(
      "permission denied",
    );
  });
});

describe("a report's read", () => {
  it("finds the ledger's tail by its index, in a ledger whose statistics are fresh", async () => {
    await signUp("crowd");
    await test.ownerSql`
      insert into credit_transaction (user_id, seq, type, operation, amount, balance_after,
        idempotency_key, source, booked_at, effective_at)
      select 'crowd', n, 'USAGE', 'spend', -1, 0, 'k' || n, 'x', at, at
      from (select n, ${born}::timestamptz + n * interval '1 minute' as at
        from generate_series(3, 60000) n) t`;
    await test.ownerSql`update credit_account set version = 60000 where user_id = 'crowd'`;
    const end = later(born, 60_001 * 60_000);
    await rollUpTo(test.db, test.sql, end);
    await test.ownerSql`analyze credit_transaction`;
    const counts = await test.sql.begin(async (tx) => {
      await tx`select * from credits_day_totals('-infinity', 'infinity', ${end})`;
      return tx`select seq_scan::int, idx_scan::int from pg_stat_xact_user_tables
        where relname = 'credit_transaction'`;
    });
    expect(counts[0]).toMatchObject({ seq_scan: 0 });
    await expectExact(end);
  });
});
