import { randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { millisecondsInDay } from "date-fns/constants";
import postgres from "postgres";
import { countMembers } from "@/billing/subscriptions/membership";
import { createDatabase, type Database } from "@/db/client";
import { migrateDatabase } from "@/db/migrate";
import { countOutstanding } from "@/ledger/reports/outstanding";
import { rollUp, verifyRollUp } from "@/ledger/reports/roll-up";
import { startEmbeddedPostgres } from "../postgres/embedded-postgres";
import { pagesOf } from "./admin/pages";
import { NOW, type Size, seedSite } from "./admin/seed";

/**
 * Measures the database time of every console page on the embedded Postgres with its default settings,
 * with three years of many users. `npm run bench:admin -- --users 1000000 --rows 10`.
 * The last line is JSON. The goal is a p95 below 100 ms on every page.
 */
const ROUNDS = 20;
const GOAL_MS = 100;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      users: { type: "string", default: "1000000" },
      /** Ledger rows per user. */
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
    await timed("seeded", () => seedSite(sql, size));
    await sql.end();
    const db = createDatabase(server.appUrl, { max: 4 });
    await runNightlyWork(db);
    await report(db, size);
    await db.$client.end();
  } finally {
    await server.stop();
  }
}

function wholeOf(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 3) throw new Error("Sizes are whole numbers from 3.");
  return value;
}

/** As on a host that allows one call a day: the latest daily totals are yesterday's. */
async function runNightlyWork(db: Database): Promise<void> {
  const yesterday = new Date(NOW.getTime() - millisecondsInDay);
  await timed("daily sums", async () => {
    const roll = () => rollUp(db, { now: yesterday, deadlineMs: Number.POSITIVE_INFINITY });
    await roll();
    await roll();
  });
  await timed("proof of the sums", async () => {
    if (!(await verifyRollUp(db)))
      throw new Error("The daily sums do not agree with the accounts.");
  });
  await timed("outstanding counted", () => countOutstanding(db, yesterday));
  await timed("members counted", () => countMembers(db, yesterday));
}

async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
  const startedMs = performance.now();
  await work();
  console.log(`${what} in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
}

async function report(db: Database, { users, rows }: Size): Promise<void> {
  console.log(`${users.toLocaleString("en")} users, ${(users * rows).toLocaleString("en")} rows`);
  let worstMs = 0;
  for (const { name, read } of pagesOf(db, users)) {
    const times = await measure(read);
    const p95 = percentile(times, 0.95);
    const figure = (ms: number) => `${ms.toFixed(1).padStart(8)} ms`;
    const missed = p95 >= GOAL_MS ? "   misses the goal" : "";
    console.log(
      `${name.slice(0, 60).padEnd(62)}p50 ${figure(percentile(times, 0.5))}   p95 ${figure(p95)}${missed}`,
    );
    worstMs = Math.max(worstMs, p95);
  }
  console.log(JSON.stringify({ worst_p95_ms: Math.round(worstMs * 10) / 10 }));
}

/** Milliseconds of each round, sorted. The first round warms the caches and is dropped. */
async function measure(read: () => Promise<unknown>): Promise<number[]> {
  await read();
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const startedMs = performance.now();
    await read();
    times.push(performance.now() - startedMs);
  }
  return times.sort((a, b) => a - b);
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
}

await main();
