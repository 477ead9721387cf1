import { SpendLimits } from "@qiflow/ledger-model/limits";
import { millisecondsInDay, millisecondsInHour } from "date-fns/constants";
import fc from "fast-check";
import postgres from "postgres";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Transaction } from "@/db/client";
import { spendCredits } from "@/ledger/debit";
import { distributionRun } from "@/ledger/distribution/schema";
import { grantCredits, openCreditAccount } from "@/ledger/grant";
import { rollUp, verifyRollUp } from "@/ledger/reports/roll-up";
import { expectBooksBalanced } from "../../support/books";
import { connectToDatabase } from "../../support/connect-to-database";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import type { LedgerCall } from "../calls";
import { callOf, moveClock } from "../properties/call-generator";
import { MirroredAccount } from "../properties/mirrored-account";
import { type LedgerStep, ledgerSteps } from "../properties/steps";
import { readDayTotals, readRolledTo, rollUpTo, sumSweptLedger } from "./day-totals";

const STARTS_AT = new Date("2026-01-31T10:00:00Z");
const later = (at: Date, ms: number) => new Date(at.getTime() + ms);
let test: TestDatabase;

beforeEach(async () => {
  test = await createTestDatabase();
});
afterEach(() => test.close());

const expectExact = async (at: Date) =>
  expect(await readDayTotals(test.sql, at)).toEqual(await sumSweptLedger(test.sql, at));

async function signUp(userId: string, now = STARTS_AT): Promise<void> {
  await test.db.transaction((tx) => openCreditAccount(tx, { userId, now }));
}

async function grantIn(tx: Transaction, userId: string, key: string, now: Date): Promise<void> {
  const promise = { source: "checkout:a", type: "PURCHASE_PACKAGE", expiresAt: null } as const;
  await grantCredits(tx, { ...promise, userId, key, amount: 7, paid: true, priority: 0, now });
}

async function grant(userId: string, key: string, now: Date): Promise<void> {
  await test.db.transaction((tx) => grantIn(tx, userId, key, now));
}

describe("credits_day_totals", () => {
  it("equals the sums of a fully booked ledger at any instant of random sequences, however far it is rolled up", async () => {
    const seed = Number(process.env.FC_SEED ?? Date.now() % 2 ** 31);
    let clock = STARTS_AT;
    let unbooked = 0;
    for (const [nth, steps] of fc.sample(ledgerSteps, { seed, numRuns: 12 }).entries()) {
      clock = await runSequence(steps, { clock, name: `${seed}-${nth}`, seed });
      const [open] = await test.sql<{ count: number }[]>`
        select count(*)::int from credits_unbooked_expiries(${clock})`;
      unbooked += open?.count ?? 0;
    }
    expect(unbooked, `pending expiries, seed ${seed}`).toBeGreaterThan(0);
    expect(await verifyRollUp(test.db), `seed ${seed}`).toBe(true);
    await expectBooksBalanced(test.sql);
  });

  /** Runs a sequence, rolls up now and then, and compares after every third step. */
  async function runSequence(
    steps: readonly (LedgerStep | null)[],
    { clock: from, name, seed }: { clock: Date; name: string; seed: number },
  ): Promise<Date> {
    let clock = from;
    let keys = 0;
    const limits = new SpendLimits();
    const services = [`${name}-service-0`, `${name}-service-1`] as const;
    const accounts = new Map<number, { account: MirroredAccount; earlier: LedgerCall[] }>();
    for (const [nth, step] of steps.entries()) {
      if (step === null) continue;
      const actor = accounts.get(step.user) ?? {
        account: await MirroredAccount.signUp(test, `${name}-${step.user}`, clock, limits),
        earlier: [],
      };
      accounts.set(step.user, actor);
      const newKey = () => `key:${++keys}`;
      const context = { model: actor.account.model, earlier: actor.earlier, newKey, services };
      clock = moveClock(step.time, { ...context, clock });
      const call = callOf(step, { ...context, clock });
      // A sweep books all users' expiries, which the models of earlier sequences would miss.
      if (call.write === "sweep") continue;
      actor.earlier.push(call);
      await actor.account.call(call);
      // A server whose clock is behind books up to a day ago.
      if (step.pick % 5 === 0) await rollUpTo(test.db, test.sql, later(clock, -millisecondsInDay));
      if (nth % 3 > 0) continue;
      expect(await readDayTotals(test.sql, clock), `seed ${seed}`).toEqual(
        await sumSweptLedger(test.sql, clock),
      );
    }
    return clock;
  }

  it("is exact for a reader while four workers roll up and four write", async () => {
    const users = ["a", "b", "c", "d"];
    for (const userId of users) await signUp(userId);
    let hour = 0;
    let writing = true;
    // A roll-up relies on this: the clock never runs an hour past that of a server that has read its
    // clock and not begun to write.
    const pendingWrites = new Set<number>();
    const write = async (userId: string) => {
      for (let nth = 0; nth < 30; nth++) {
        const writeHour = ++hour;
        pendingWrites.add(writeHour);
        const now = later(STARTS_AT, writeHour * millisecondsInHour);
        await test.db.transaction(async (tx) => {
          await grantIn(tx, userId, `g${nth}`, now);
          pendingWrites.delete(writeHour);
          for (let wait = 0; wait < nth % 4; wait++) await tx.execute("select");
        });
      }
    };
    const work = async () => {
      while (writing) {
        const clock = Math.min(hour, ...pendingWrites);
        await rollUp(test.db, {
          now: later(STARTS_AT, clock * millisecondsInHour),
          deadlineMs: Infinity,
        });
      }
    };
    const read = async () => {
      while (writing) {
        const [seen] = await test.sql`
          select (select sum(transactions) from credits_day_totals('-infinity', 'infinity', ${STARTS_AT}))
            = (select sum(version) from credit_account) as same`;
        expect(seen?.same).toBe(true);
      }
    };
    const writers = Promise.all(users.map(write)).finally(() => {
      writing = false;
    });
    await Promise.all([writers, work(), work(), work(), work(), read()]);
    const end = later(STARTS_AT, 200 * millisecondsInHour);
    await rollUpTo(test.db, test.sql, end);
    expect(await verifyRollUp(test.db)).toBe(true);
    await expectExact(end);
  });
});

describe("rollUp", () => {
  it("waits for transactions that were open when it chose its target", async () => {
    await signUp("slow");
    await signUp("quick");
    const other = connectToDatabase(test.appUrl, { max: 1 });
    let commit = () => {};
    const held = new Promise<void>((resolve) => {
      commit = resolve;
    });
    let wrote = () => {};
    const written = new Promise<void>((resolve) => {
      wrote = resolve;
    });
    const slow = other.transaction(async (tx) => {
      const of = {
        userId: "slow",
        amount: 5,
        source: "x",
        now: later(STARTS_AT, millisecondsInHour),
      };
      await spendCredits(tx, { ...of, key: "x:spend" });
      wrote();
      await held;
    });
    await written;
    const tomorrow = later(STARTS_AT, millisecondsInDay);
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

  it("stops at the instant of a running distribution", async () => {
    await signUp("a");
    const asOf = later(STARTS_AT, millisecondsInDay);
    const run = { startedAt: asOf, updatedAt: asOf };
    const [{ id } = { id: "" }] = await test.db
      .insert(distributionRun)
      .values({ ...run, asOf })
      .returning({ id: distributionRun.id });
    const muchLater = later(asOf, 9 * millisecondsInDay);
    await rollUpTo(test.db, test.sql, later(asOf, millisecondsInHour));
    for (let call = 0; call < 5; call++)
      await rollUp(test.db, { now: muchLater, deadlineMs: Infinity });
    expect(await readRolledTo(test.sql)).toBe(asOf.getTime());
    await test.ownerSql`update distribution_run set status = 'done' where id = ${id}`;
    await rollUpTo(test.db, test.sql, muchLater);
  });

  it("catches up with a long ledger in steps and stops at its deadline", async () => {
    await signUp("a");
    for (let month = 1; month <= 4; month++)
      await grant("a", `g${month}`, later(STARTS_AT, month * 30 * millisecondsInDay));
    const now = later(STARTS_AT, 130 * millisecondsInDay);
    await rollUp(test.db, { now, deadlineMs: performance.now() - 1 });
    expect(await readRolledTo(test.sql)).toBeNull();
    await rollUpTo(test.db, test.sql, now);
    await expectExact(now);
  });

  it("is rebuilt by verifyRollUp after a transaction was booked into a summed day", async () => {
    await signUp("a");
    await signUp("b", later(STARTS_AT, 1));
    const now = later(STARTS_AT, 9 * millisecondsInDay);
    await rollUpTo(test.db, test.sql, now);
    expect(await verifyRollUp(test.db)).toBe(true);
    await grant("a", "late", later(STARTS_AT, millisecondsInDay));
    expect(await readDayTotals(test.sql, now)).not.toEqual(await sumSweptLedger(test.sql, now));
    expect(await verifyRollUp(test.db)).toBe(false);
    await expectExact(now);
    expect(await verifyRollUp(test.db)).toBe(true);
  });

  it("cannot be written by the application's role", async () => {
    await expect(test.sql`delete from credit_day_total`).rejects.toThrow("permission denied");
    await expect(test.sql`insert into credit_roll_up (rolled_to) values (now())`).rejects.toThrow(
      "permission denied",
    );
  });
});

describe("a report", () => {
  it("reads the unsummed tail through the index", async () => {
    await signUp("crowd");
    await test.ownerSql`
      insert into credit_transaction (user_id, seq, type, operation, amount, balance_after,
        idempotency_key, source, booked_at, effective_at)
      select 'crowd', n, 'USAGE', 'spend', -1, 0, 'k' || n, 'x', at, at
      from (select n, ${STARTS_AT}::timestamptz + n * interval '1 minute' as at
        from generate_series(3, 60000) n) t`;
    await test.ownerSql`update credit_account set version = 60000 where user_id = 'crowd'`;
    const end = later(STARTS_AT, 60_001 * 60_000);
    await rollUpTo(test.db, test.sql, end);
    await test.ownerSql`analyze credit_transaction`;
    // A new backend has no other counts.
    const reader = postgres(test.directUrl, { max: 1 });
    const counts = await reader.begin(async (tx) => {
      await tx`select * from credits_day_totals('-infinity', 'infinity', ${end})`;
      return tx`select seq_scan::int, idx_scan::int from pg_stat_xact_user_tables
        where relname = 'credit_transaction'`;
    });
    await reader.end();
    expect(counts[0]).toMatchObject({ seq_scan: 0 });
    await expectExact(end);
  });
});
