import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "@/db/client";
import { previewDistribution } from "@/ledger/distribution/preview";
import { connectToDatabase } from "../../support/connect-to-database";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { DistributionFixture } from "./distribution-fixture";
import { creditsDue, FIRST_DUE, seedDueUsers } from "./due-users";

const USERS = 5_000;
const TABLES = ["credit_account", "credit_schedule", "credit_lot"] as const;
const today = FIRST_DUE.toISOString();

let test: TestDatabase;
/** One connection, so that the counters are complete when a run ends. */
let worker: Database;
/** The same without prepared statements, as behind a transaction-mode pooler. */
let unprepared: Database;

beforeAll(async () => {
  test = await createTestDatabase();
  worker = connectToDatabase(test.appUrl, { max: 1 });
  unprepared = connectToDatabase(test.appUrl, { max: 1, transactionPooler: true });
  await seedDueUsers(test, { count: USERS });
  await new DistributionFixture(test.db).run(today);
  await test.ownerSql`vacuum analyze credit_account, credit_schedule, credit_lot`;
});
afterAll(async () => {
  for (const db of [worker, unprepared]) await db.$client.end({ timeout: 5 });
  await test.close();
});

describe("a run with nothing due", () => {
  it("reads no users, regardless of their number", async () => {
    const { result: run, reads } = await measureReads(worker, () =>
      new DistributionFixture(worker).run(today),
    );
    expect(run).toMatchObject({ status: "done", usersCount: 0, expiredCount: 0 });
    // The planner reads both ends of an index.
    for (const read of reads) {
      expect(read.wholeScans, read.table).toBe(0);
      expect(read.rows, read.table).toBeLessThan(10);
    }
  });
});

describe("a run and its preview", () => {
  it("never compile a statement, which would take longer than to run it", async () => {
    const [found] = await test.sql`select proconfig as settings from pg_proc
      where proname = 'credits_distribution_preview'`;
    expect(found?.settings).toContain("jit=off");
  });

  it("read only what is due, regardless of the number of users and the statistics", async () => {
    await expectManyLapsedHolds();
    const due = (size: string) => seedDueUsers(test, { count: 100, prefix: `due-${size}` });
    await due("few");
    expect(await readsOfBoth()).toEqual(READS_FOR_100_USERS);
    // Ten times the users, with the same number due.
    await seedDueUsers(test, { count: 9 * USERS, prefix: "more" });
    await test.ownerSql`update credit_schedule set next_due_at = next_due_at + interval '1 year'
      where user_id like 'more-%'`;
    await due("many");
    expect(await readsOfBoth()).toEqual(READS_FOR_100_USERS);
  });
});

const PREVIEW_READS = ["credit_account: 0 rows", "credit_schedule: 100 rows", "credit_lot: 0 rows"];
const READS_FOR_100_USERS = {
  preview: PREVIEW_READS,
  unpreparedPreview: PREVIEW_READS,
  // Schedules are read once in due order and once under the account's lock.
  run: ["credit_account: 100 rows", "credit_schedule: 200 rows", "credit_lot: 0 rows"],
};

/** Leaves statistics from which the planner expects a lapsed hold of every user. There is none. */
async function expectManyLapsedHolds() {
  const { ownerSql } = test;
  await ownerSql`alter table credit_hold set (autovacuum_enabled = false)`;
  await ownerSql`insert into credit_hold (user_id, key, amount, source, held_at, expires_at)
    select user_id, 'hold', 1, 'test', ${today}::timestamptz - interval '2 days',
      ${today}::timestamptz - interval '1 day'
    from credit_account`;
  await ownerSql`analyze credit_hold`;
  await ownerSql`update credit_hold set status = 'lapsed', closed_at = expires_at`;
}

/** Returns the rows and full scans of each table that a preview and a run read. */
async function readsOfBoth() {
  await test.ownerSql`vacuum analyze credit_account, credit_schedule, credit_lot`;
  const previewBy = (db: Database) => measureReads(db, () => previewDistribution(db, FIRST_DUE));
  const preview = await previewBy(worker);
  const unpreparedPreview = await previewBy(unprepared);
  const run = await measureReads(worker, () => new DistributionFixture(worker).run(today));
  for (const { result } of [preview, unpreparedPreview])
    expect(result).toMatchObject({ usersCount: 100, creditsToGrant: creditsDue(100) });
  expect(run.result).toMatchObject({ usersCount: 100, grantedCredits: creditsDue(100) });
  return {
    preview: preview.reads.map(rounded),
    unpreparedPreview: unpreparedPreview.reads.map(rounded),
    run: run.reads.map(rounded),
  };
}

/** Rounds off the few rows that the planner and the ends of batches read. */
function rounded({ table, wholeScans, rows }: Reads): string {
  return `${table}: ${Math.round(rows / 100) * 100} rows${wholeScans > 0 ? ", full scan" : ""}`;
}

interface Reads {
  readonly table: string;
  readonly wholeScans: number;
  readonly rows: number;
}

/** Measures what `work` reads from the ledger's tables on this connection with Postgres' counters. */
async function measureReads<T>(
  db: Database,
  work: () => Promise<T>,
): Promise<{ result: T; reads: Reads[] }> {
  const before = await counters(db);
  const result = await work();
  const after = await counters(db);
  const reads = after.map(({ table, wholeScans, rows }, i) => ({
    table,
    wholeScans: wholeScans - (before[i]?.wholeScans ?? 0),
    rows: rows - (before[i]?.rows ?? 0),
  }));
  return { result, reads };
}

async function counters(db: Database): Promise<Reads[]> {
  await db.execute(sql`select pg_stat_force_next_flush()`);
  await db.execute(sql`select pg_stat_clear_snapshot()`);
  const rows = await db.execute<{ table: string; whole_scans: number; rows: number }>(sql`
    select relname as table, seq_scan::integer as whole_scans,
      (seq_tup_read + coalesce(idx_tup_fetch, 0))::integer as rows
    from pg_stat_user_tables where relname = any (${sql.param(TABLES)}::text[])
    order by array_position(${sql.param(TABLES)}::text[], relname::text)`);
  return rows.map(({ table, whole_scans, rows }) => ({ table, wholeScans: whole_scans, rows }));
}
