import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDatabase, type Database } from "@/db/client";
import { previewDistribution } from "@/ledger/distribution/preview";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { DistributionFixture } from "./distribution-fixture";
import { creditsDue, FIRST_DUE, seedDueUsers } from "./due-users";

const USERS = 5_000;
const TABLES = ["credit_account", "credit_schedule", "credit_lot"] as const;
const today = FIRST_DUE.toISOString();

let test: TestDatabase;
/** One connection, so that the counters are complete when a run ends. */
let worker: Database;

beforeAll(async () => {
  test = await createTestDatabase();
  worker = createDatabase(test.appUrl, { max: 1 });
  await seedDueUsers(test, { count: USERS });
  await new DistributionFixture(test.db).run(today);
  await test.ownerSql`vacuum analyze credit_account, credit_schedule, credit_lot`;
});
afterAll(async () => {
  await worker.$client.end({ timeout: 5 });
  await test.close();
});

describe("a run with nothing due", () => {
  it("reads no users, regardless of their number", async () => {
    const { result: run, reads } = await measureReads(() =>
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
  it("read only what is due, regardless of the number of users", async () => {
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

const READS_FOR_100_USERS = {
  preview: ["credit_account: 0 rows", "credit_schedule: 100 rows", "credit_lot: 0 rows"],
  // Schedules are read once in due order and once under the account's lock.
  run: ["credit_account: 100 rows", "credit_schedule: 200 rows", "credit_lot: 0 rows"],
};

/** Returns the rows and full scans of each table that a preview and a run read. */
async function readsOfBoth() {
  await test.ownerSql`vacuum analyze credit_account, credit_schedule, credit_lot, credit_hold`;
  const preview = await measureReads(() => previewDistribution(worker, FIRST_DUE));
  const run = await measureReads(() => new DistributionFixture(worker).run(today));
  expect(preview.result).toMatchObject({ usersCount: 100, creditsToGrant: creditsDue(100) });
  expect(run.result).toMatchObject({ usersCount: 100, grantedCredits: creditsDue(100) });
  return { preview: preview.reads.map(rounded), run: run.reads.map(rounded) };
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

/** Measures what `work` reads from the ledger's tables with Postgres' counters. */
async function measureReads<T>(work: () => Promise<T>): Promise<{ result: T; reads: Reads[] }> {
  const before = await counters();
  const result = await work();
  const after = await counters();
  const reads = after.map(({ table, wholeScans, rows }, i) => ({
    table,
    wholeScans: wholeScans - (before[i]?.wholeScans ?? 0),
    rows: rows - (before[i]?.rows ?? 0),
  }));
  return { result, reads };
}

async function counters(): Promise<Reads[]> {
  await worker.execute(sql`select pg_stat_force_next_flush()`);
  await worker.execute(sql`select pg_stat_clear_snapshot()`);
  const rows = await worker.execute<{ table: string; whole_scans: number; rows: number }>(sql`
    select relname as table, seq_scan::integer as whole_scans,
      (seq_tup_read + coalesce(idx_tup_fetch, 0))::integer as rows
    from pg_stat_user_tables where relname = any (${sql.param(TABLES)}::text[])
    order by array_position(${sql.param(TABLES)}::text[], relname::text)`);
  return rows.map(({ table, whole_scans, rows }) => ({ table, wholeScans: whole_scans, rows }));
}
