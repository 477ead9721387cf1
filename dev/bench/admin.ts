import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import postgres from "postgres";
import { listAudit } from "@/admin/audit";
import { readMembers, readSales } from "@/admin/business";
import { listEvents } from "@/admin/events";
import { listFailing } from "@/admin/failing";
import {
  auditAddress,
  eventsAddress,
  outboxAddress,
  paymentsAddress,
  usersAddress,
} from "@/admin/input";
import { listOutbox } from "@/admin/outbox";
import { readFlows, readQueues, readRevenue } from "@/admin/overview";
import { listAllPayments } from "@/admin/payments";
import { reportMonths } from "@/admin/reports";
import { listRuns, readLatestRun } from "@/admin/runs";
import { findUser, listOpenHolds, readLedgerPage } from "@/admin/user";
import { listUsers } from "@/admin/users";
import { countOutstanding, latestOutstanding } from "@/credits/outstanding";
import { getBalance, listLots, listSchedules } from "@/credits/queries";
import { createDatabase, type Database } from "@/db/client";
import { migrateDatabase } from "@/db/migrate";
import { readHealth } from "@/jobs/health";
import { startEmbeddedPostgres } from "../embedded-postgres";

/**
 * How long the database works for each page of the console, on the embedded Postgres with its default
 * settings, with a year's ledger of many users. `npm run bench:admin -- --users 1000000 --rows 10`.
 * The last line is JSON; the goal is a p95 below 100 ms on every page.
 */
const now = new Date("2026-03-01T12:00:00Z");
const ROUNDS = 20;
const DAY_MS = 24 * 3_600_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      users: { type: "string", default: "1000000" },
      /** Ledger rows a user. */
      rows: { type: "string", default: "10" },
    },
  });
  const size = { users: wholeOf(values.users), rows: wholeOf(values.rows) };
  const password = () => randomBytes(12).toString("hex");
  const server = await startEmbeddedPostgres({
    directory: await mkdtemp(path.join(tmpdir(), "qiflow-bench-")),
    passwords: { superuser: password(), owner: password(), app: password() },
    throwaway: true,
  });
  try {
    await migrateDatabase({ ownerUrl: server.ownerUrl, appRole: "qiflow_app" });
    const sql = postgres(server.ownerUrl, { max: 1, onnotice: () => {} });
    await seed(sql, size);
    await sql.end();
    const db = createDatabase(server.appUrl, { max: 4 });
    await countOutstanding(db, now);
    await report(db, size);
    await db.$client.end();
  } finally {
    await server.stop();
  }
}

function wholeOf(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error("Sizes are whole numbers.");
  return value;
}

/**
 * Everybody has one grant that never expires and then spends a credit a time, spread over the year
 * before `now` in the order in which it happened; every tenth has paid.
 */
async function seed(sql: postgres.Sql, { users, rows }: { users: number; rows: number }) {
  const people = sql`select n, 'user_' || lpad(n::text, 9, '0') as id from generate_series(1, ${users}::int) n`;
  const bornAt = new Date(now.getTime() - 365 * DAY_MS);
  await sql`insert into "user" (id, name, email, created_at)
    select id, id, id || '@people.example', ${bornAt}::timestamptz + n * interval '1 second' from (${people}) p`;
  await sql`insert into credit_account (user_id, balance, version, as_of, opened_at)
    select id, 1000 - ${rows - 1}::int, ${rows}, ${now}, ${bornAt} from (${people}) p`;
  await sql`insert into credit_lot (user_id, seq, type, source, amount, remaining, paid, granted_at)
    select id, 1, 'PURCHASE_PACKAGE', 'checkout:' || id, 1000, 1000 - ${rows - 1}::int, true, ${bornAt}
    from (${people}) p`;
  for (let seq = 1; seq <= rows; seq++) {
    const at = new Date(bornAt.getTime() + ((seq - 1) / rows) * 365 * DAY_MS);
    const spreadMs = (365 * DAY_MS) / rows / users;
    await sql`insert into credit_transaction (user_id, seq, type, operation, amount, balance_after,
        idempotency_key, source, booked_at, effective_at)
      select id, ${seq}::int, ${seq === 1 ? "PURCHASE_PACKAGE" : "USAGE"}::credit_type,
        ${seq === 1 ? "grant" : "spend"}::credit_operation, ${seq === 1 ? 1000 : -1}::int,
        1001 - ${seq}::int, 'bench:' || ${seq}::int, 'checkout:' || id, at, at
      from (select id, ${at}::timestamptz + n * ${spreadMs}::float8 * interval '1 millisecond' as at
        from (${people}) p) t`;
  }
  await sql`insert into payment (user_id, id, item, price_id, amount_cents, currency, credits, paid_at,
      member_from_at, member_until_at)
    select id, 'checkout:' || id, 'pro-monthly', 'price', 990, 'usd', 1000, paid_at, paid_at,
      paid_at + interval '1 month'
    from (select id, ${bornAt}::timestamptz + n * ${365 / users}::float8 * interval '1 day' as paid_at
      from (${people}) p where n % 10 = 0) t`;
  await sql.unsafe(
    `vacuum analyze "user", credit_account, credit_lot, credit_transaction, payment`,
  );
}

/** What each page reads, as its page.tsx does. */
function pagesOf(db: Database, userId: string): Record<string, () => Promise<unknown>> {
  const month = { from: new Date(now.getTime() - 30 * DAY_MS), to: now };
  const year = { at: now, months: 12 };
  return {
    overview: () =>
      Promise.all([
        latestOutstanding(db, now),
        readFlows(db, month),
        readRevenue(db, month),
        readQueues(db),
      ]),
    users: () => listUsers(db, { filter: usersAddress.parse({}), at: now }),
    "users, searched": () => listUsers(db, { filter: usersAddress.parse({ q: userId }), at: now }),
    "one user": () =>
      Promise.all([
        findUser(db, userId),
        getBalance(db, { userId, at: now }),
        listLots(db, { userId, at: now }),
        readLedgerPage(db, { userId, turn: {}, at: now }),
        listSchedules(db, { userId }),
        listOpenHolds(db, { userId }),
        listOutbox(db, outboxAddress.parse({ q: userId })),
      ]),
    payments: () => listAllPayments(db, paymentsAddress.parse({})),
    events: () => listEvents(db, eventsAddress.parse({})),
    runs: () =>
      Promise.all([listRuns(db, {}), readLatestRun(db), listFailing(db, { at: now, limit: 50 })]),
    reports: async () => {
      for await (const _ of reportMonths(db, year));
      await Promise.all([readSales(db, year), readMembers(db, year)]);
    },
    outbox: () => listOutbox(db, outboxAddress.parse({})),
    audit: () => listAudit(db, auditAddress.parse({})),
    health: () => readHealth(db, { now, migrations: [], functionSet: null }),
  };
}

async function report(db: Database, { users, rows }: { users: number; rows: number }) {
  const userId = `user_${String(Math.ceil(users / 2)).padStart(9, "0")}`;
  console.log(`${users.toLocaleString("en")} users, ${(users * rows).toLocaleString("en")} rows`);
  let worstMs = 0;
  for (const [name, read] of Object.entries(pagesOf(db, userId))) {
    await read();
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const startedMs = performance.now();
      await read();
      times.push(performance.now() - startedMs);
    }
    times.sort((a, b) => a - b);
    const at = (share: number) => times[Math.ceil(share * ROUNDS) - 1] ?? 0;
    console.log(
      `${name.padEnd(18)}p50 ${at(0.5).toFixed(1).padStart(8)} ms   p95 ${at(0.95).toFixed(1).padStart(8)} ms`,
    );
    worstMs = Math.max(worstMs, at(0.95));
  }
  console.log(JSON.stringify({ worst_p95_ms: Math.round(worstMs * 10) / 10 }));
}

await main();
