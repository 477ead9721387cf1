import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDatabase, type Database } from "@/db/client";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { FIRST_DUE, seedDueUsers } from "./due-users";
import { Scene } from "./scene";

const USERS = 5_000;
const TABLES = ["credit_account", "credit_schedule", "credit_lot"] as const;
const today = FIRST_DUE.toISOString();

let test: TestDatabase;
/** One connection, so that all that a run reads is counted by the time it is over. */
let worker: Database;

beforeAll(async () => {
  test = await createTestDatabase();
  worker = createDatabase(test.appUrl, { max: 1 });
  await seedDueUsers(test, { count: USERS });
  await new Scene(test.db).run(today);
  await test.ownerSql`vacuum analyze credit_account, credit_schedule, credit_lot`;
});
afterAll(async () => {
  await worker.$client.end({ timeout: 5 });
  await test.close();
});

describe("a run to which nothing is due", () => {
  it("reads no users, however many there are", async () => {
    const { run, reads } = await reading(() => new Scene(worker).run(today));
    expect(run).toMatchObject({ status: "done", usersCount: 0, expiredCount: 0 });
    // To plan, Postgres itself looks at both ends of an index.
    for (const read of reads) {
      expect(read.wholeScans, read.table).toBe(0);
      expect(read.rows, read.table).toBeLessThan(10);
    }
  });
});

interface Reads {
  readonly table: string;
  readonly wholeScans: number;
  readonly rows: number;
}

/** What `work` read of the ledger's tables, by Postgres's own counters. */
async function reading<T>(work: () => Promise<T>): Promise<{ run: T; reads: Reads[] }> {
  const before = await counters();
  const run = await work();
  const after = await counters();
  const reads = after.map(({ table, wholeScans, rows }, i) => ({
    table,
    wholeScans: wholeScans - (before[i]?.wholeScans ?? 0),
    rows: rows - (before[i]?.rows ?? 0),
  }));
  return { run, reads };
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
