import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import postgres from "postgres";
import { createDatabase } from "@/db/client";
import { migrateDatabase } from "@/db/migrate";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { previewDistribution } from "@/ledger/distribution/preview";
import { startEmbeddedPostgres } from "../postgres/embedded-postgres";

/**
 * Measures monthly distribution and expiry on the embedded Postgres with its default settings, against
 * two references measured in the same run on the same machine:
 *   floor  three bulk statements that write the same ledger, lot and balance rows, same indexes
 *   rival  the usual loop over users: batches of 100, one eligibility read and one update per user
 * An idle run is measured right after the grants, while the index still holds a dead entry for every
 * granted period, and again after VACUUM. `npm run bench:distribute -- --users 1000000`. The last line
 * is JSON.
 */
const RIVAL_USERS = 20_000;
const SMALL = 10_000;
/** Users at most in the measurement without concurrency. */
const SEQUENTIAL_USERS = 100_000;
const bornAt = new Date("2026-01-15T00:00:00Z");
/** When a thirtieth of the users is due. */
const firstDueAt = new Date("2026-02-15T00:00:00Z");
const dueAt = new Date("2026-02-15T00:00:10Z");
const expiredAt = new Date("2026-03-20T00:00:00Z");

type Bench = Awaited<ReturnType<typeof prepare>>;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { users: { type: "string", default: "100000" } } });
  const users = Number(values.users);
  if (!Number.isSafeInteger(users) || users < 1) throw new Error("--users takes a whole number.");
  const password = () => randomBytes(12).toString("hex");
  const server = await startEmbeddedPostgres({
    directory: await mkdtemp(path.join(tmpdir(), "qiflow-bench-")),
    passwords: { superuser: password(), owner: password(), app: password() },
    throwaway: true,
  });
  try {
    await migrateDatabase({ ownerUrl: server.ownerUrl, appRole: "qiflow_app" });
    await allowCheckpoints(server.superuserUrl);
    const bench = prepare(server.ownerUrl, server.appUrl);
    await report(bench, users);
    await bench.close();
  } finally {
    await server.stop();
  }
}

/** A checkpoint before each measurement, so that none pays for the dirty pages of another. */
async function allowCheckpoints(superuserUrl: string): Promise<void> {
  const sql = postgres(superuserUrl, { max: 1, onnotice: () => {} });
  await sql`grant pg_checkpoint to qiflow_owner`;
  await sql.end();
}

function prepare(ownerUrl: string, appUrl: string) {
  const sql = postgres(ownerUrl, { max: 1, onnotice: () => {} });
  const db = createDatabase(appUrl, { max: 4 });
  return { sql, db, close: () => Promise.all([sql.end(), db.$client.end()]) };
}

async function report(bench: Bench, users: number): Promise<void> {
  const small = await measureSize(bench, SMALL);
  const peakBeforeMb = peakRssMb();
  const large = await measureSize(bench, users);
  const peakMb = peakRssMb();
  const rssGrowthMb = peakMb - peakBeforeMb;
  const sequentialRate = await measureSequential(bench, Math.min(users, SEQUENTIAL_USERS));
  await seed(bench, RIVAL_USERS);
  const rivalSeconds = await seconds(() => runRival(bench));
  const rivalRate = RIVAL_USERS / rivalSeconds;

  const rate = users / large.grantSeconds;
  const line = (name: string, value: string) => console.log(`${name.padEnd(34)}${value}`);
  line("users", users.toLocaleString("en"));
  line("distribution", `${large.grantSeconds.toFixed(2)} s, ${perSecond(rate)}`);
  line("  floor (3 bulk statements)", `${large.grantFloorSeconds.toFixed(2)} s`);
  line(`  at ${SMALL.toLocaleString("en")} users`, perSecond(SMALL / small.grantSeconds));
  line("  without concurrency", perSecond(sequentialRate));
  line(`rival loop (${RIVAL_USERS.toLocaleString("en")} users)`, perSecond(rivalRate));
  line("expiry", `${large.expireSeconds.toFixed(2)} s, ${perSecond(users / large.expireSeconds)}`);
  line("  floor (3 bulk statements)", `${large.expireFloorSeconds.toFixed(2)} s`);
  line("idle run, before VACUUM", `${large.idleBeforeVacuumMs.toFixed(1)} ms`);
  line("idle run, after VACUUM", `${large.idleMs.toFixed(1)} ms`);
  line("dry run, all due", `${large.previewAllMs.toFixed(0)} ms`);
  line("dry run, a thirtieth due", `${large.previewMs.toFixed(0)} ms`);
  line("peak memory", `${peakMb.toFixed(0)} MB, ${rssGrowthMb.toFixed(0)} MB of it growth`);
  console.log(
    JSON.stringify({
      users,
      time_over_floor: round(large.grantSeconds / large.grantFloorSeconds),
      rate_over_rival: round(rate / rivalRate),
      rate_over_10k_rate: round(rate / (SMALL / small.grantSeconds)),
      expire_time_over_floor: round(large.expireSeconds / large.expireFloorSeconds),
      idle_ms: round(large.idleMs),
      rss_growth_mb: round(rssGrowthMb),
    }),
  );
}

/** Grants every user the month that is due, then expires it; each beside its floor. */
async function measureSize(bench: Bench, users: number) {
  await seed(bench, users);
  await makeFloorTables(bench);
  const previewMs = await previewing(bench, firstDueAt);
  const previewAllMs = await previewing(bench, dueAt);
  const grantFloorSeconds = await seconds(() => grantFloor(bench));
  await bench.sql.unsafe("checkpoint");
  const grantSeconds = await seconds(() => grantAll(bench, users));
  const idleBeforeVacuumMs = 1000 * (await seconds(() => distribute(bench, dueAt)));
  await bench.sql.unsafe("vacuum analyze credit_schedule, credit_lot, credit_account");
  const idleMs = 1000 * (await seconds(() => distribute(bench, dueAt)));
  // So that the next measurement contains nothing but expiry.
  await bench.sql`update credit_schedule set next_due_at = null`;
  await bench.sql.unsafe("vacuum analyze credit_schedule");
  const expireFloorSeconds = await seconds(() => expireFloor(bench));
  await bench.sql.unsafe("checkpoint");
  const expireSeconds = await seconds(async () => {
    const run = await distribute(bench, expiredAt);
    if (run.expiredCount !== users) throw new Error(`${run.expiredCount} of ${users} lots expired`);
  });
  return {
    grantFloorSeconds,
    grantSeconds,
    idleBeforeVacuumMs,
    idleMs,
    previewMs,
    previewAllMs,
    expireFloorSeconds,
    expireSeconds,
  };
}

async function measureSequential(bench: Bench, users: number): Promise<number> {
  await seed(bench, users);
  return users / (await seconds(() => grantAll(bench, users, { concurrency: 1 })));
}

async function grantAll(bench: Bench, users: number, options = {}): Promise<void> {
  const run = await distribute(bench, dueAt, options);
  if (run.processedCount !== users || run.errorCount > 0)
    throw new Error(`${run.processedCount} of ${users} users were granted: ${run.lastError}`);
}

function distribute({ db }: Bench, now: Date, { concurrency }: { concurrency?: number } = {}) {
  const task = { now, deadlineMs: Number.POSITIVE_INFINITY };
  return distributeCredits(db, concurrency === undefined ? task : { ...task, concurrency });
}

/** The second of two runs, when the data it reads is in memory. */
async function previewing({ db }: Bench, now: Date): Promise<number> {
  await previewDistribution(db, now);
  return 1000 * (await seconds(() => previewDistribution(db, now)));
}

/** Lifetime members with one past grant that was spent; a thirtieth is due at `firstDueAt`, all at `dueAt`. */
async function seed({ sql }: Bench, users: number): Promise<void> {
  await sql.unsafe(`
    alter table credit_transaction disable trigger user;
    alter table credit_lot disable trigger user;
    alter table credit_account disable trigger user;
    truncate credit_transaction, credit_lot, credit_account, credit_schedule, distribution_run;
    alter table credit_transaction enable trigger user;
    alter table credit_lot enable trigger user;
    alter table credit_account enable trigger user;`);
  const people = sql`select n, 'user_' || lpad(n::text, 9, '0') as id from generate_series(1, ${users}::bigint) n`;
  await sql`insert into credit_account (user_id, balance, version, as_of, opened_at)
    select id, 0, 2, ${bornAt}, ${bornAt} from (${people}) p`;
  await sql`insert into credit_transaction (user_id, seq, type, operation, amount, balance_after,
      idempotency_key, source, booked_at, effective_at)
    select id, seq, type::credit_type, operation::credit_operation, amount, after, id || key, 'checkout:' || id,
      ${bornAt}, ${bornAt}
    from (${people}) p, (values
      (1, 'LIFETIME_MONTHLY', 'grant', 1000, 1000, ':allotment'), (2, 'USAGE', 'spend', -1000, 0, ':spend')
    ) t (seq, type, operation, amount, after, key)`;
  await sql`insert into credit_lot (user_id, seq, type, source, amount, remaining, paid, granted_at, expires_at)
    select id, 1, 'LIFETIME_MONTHLY', 'checkout:' || id, 1000, 0, true, ${bornAt}, ${dueAt} from (${people}) p`;
  await sql`insert into credit_schedule (user_id, id, kind, credits, anchor_at, next_n, next_due_at)
    select id, 'checkout:' || id, 'lifetime', 1000, anchor_at, 1, anchor_at + interval '31 days'
    from (${people}) p,
      lateral (select ${bornAt}::timestamptz + (n - 1) * 30 / ${users}::bigint * interval '100 ms') a (anchor_at)`;
  await sql.unsafe(
    "vacuum analyze credit_account, credit_transaction, credit_lot, credit_schedule",
  );
  await sql.unsafe("checkpoint");
}

async function makeFloorTables({ sql }: Bench): Promise<void> {
  for (const table of ["credit_account", "credit_transaction", "credit_lot"]) {
    await sql.unsafe(`drop table if exists floor_${table}`);
    await sql.unsafe(`create table floor_${table} (like ${table} including all)`);
    await sql.unsafe(`insert into floor_${table} ${overridingGenerated(table)} from ${table}`);
    await sql.unsafe(`vacuum analyze floor_${table}`);
  }
  await sql.unsafe("checkpoint");
}

/** `is_open` is generated and cannot be inserted. */
function overridingGenerated(table: string): string {
  const columns =
    "user_id, seq, type, source, amount, remaining, priority, paid, granted_at, expires_at";
  return table === "credit_lot" ? `(${columns}) select ${columns}` : "select *";
}

async function grantFloor({ sql }: Bench): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`insert into floor_credit_transaction (user_id, seq, type, operation, amount, balance_after,
        idempotency_key, source, booked_at, effective_at)
      select user_id, version + 1, 'LIFETIME_MONTHLY', 'grant', 1000, balance + 1000,
        'schedule:checkout:' || user_id || ':1', 'checkout:' || user_id, ${dueAt}, ${dueAt}
      from floor_credit_account`;
    await tx`insert into floor_credit_lot (user_id, seq, type, source, amount, remaining, paid, granted_at, expires_at)
      select user_id, version + 1, 'LIFETIME_MONTHLY', 'checkout:' || user_id, 1000, 1000, true, ${dueAt},
        ${dueAt}::timestamptz + interval '30 days'
      from floor_credit_account`;
    await tx`update floor_credit_account set balance = balance + 1000, version = version + 1, as_of = ${dueAt}`;
  });
}

async function expireFloor({ sql }: Bench): Promise<void> {
  await sql.begin(async (tx) => {
    await tx`insert into floor_credit_transaction (user_id, seq, type, operation, amount, balance_after,
        idempotency_key, source, lot_seq, booked_at, effective_at)
      select user_id, seq + 1, 'EXPIRE', 'expire', -remaining, 0, 'lot:' || seq || ':' || seq + 1 || ':expire',
        source, seq, ${expiredAt}, expires_at
      from floor_credit_lot where is_open`;
    await tx`update floor_credit_lot set remaining = 0 where is_open`;
    await tx`update floor_credit_account set balance = 0, version = version + 1, as_of = ${expiredAt}`;
  });
}

/** What most credit systems do at the end of the month, one user at a time. */
async function runRival({ sql }: Bench): Promise<void> {
  await sql.unsafe("drop table if exists rival_balance, rival_ledger");
  await sql.unsafe(`create table rival_balance as
    select user_id, balance, null::timestamptz as last_refresh from credit_account`);
  await sql.unsafe("alter table rival_balance add primary key (user_id)");
  await sql.unsafe(`create table rival_ledger (id bigint generated always as identity primary key,
    user_id text not null, type text not null, amount bigint not null, expires_at timestamptz, created_at timestamptz not null)`);
  await sql.unsafe("create index on rival_ledger (user_id, type, created_at)");
  const allUsers = await sql<
    { user_id: string }[]
  >`select user_id from rival_balance order by user_id`;
  for (let from = 0; from < allUsers.length; from += 100) {
    const ids = allUsers.slice(from, from + 100).map((row) => row.user_id);
    await sql.begin(async (tx) => {
      await tx`select user_id, balance from rival_balance where user_id in ${tx(ids)}`;
      for (const id of ids) {
        await tx`select 1 from rival_ledger
          where user_id = ${id} and type = 'MONTHLY' and created_at >= ${bornAt} limit 1`;
      }
      const rows = ids.map((user_id) => ({
        user_id,
        type: "MONTHLY",
        amount: 1000,
        expires_at: expiredAt,
        created_at: dueAt,
      }));
      await tx`insert into rival_ledger ${tx(rows)}`;
      for (const id of ids) {
        await tx`update rival_balance set balance = balance + 1000, last_refresh = ${dueAt} where user_id = ${id}`;
      }
    });
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return (performance.now() - startedMs) / 1000;
}

const peakRssMb = () => process.resourceUsage().maxRSS / 1024;
const round = (value: number) => Math.round(value * 100) / 100;
const perSecond = (rate: number) => `${Math.round(rate).toLocaleString("en")} users/s`;

await main();
