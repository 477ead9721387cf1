import { randomBytes, randomInt } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { sql as query } from "drizzle-orm";
import postgres from "postgres";
import { createDatabase, type Database } from "@/db/client";
import { migrateDatabase } from "@/db/migrate";
import { spendCredits } from "@/ledger/debit";
import { SpendBatcher } from "@/ledger/spend-batcher";
import { now } from "@/lib/clock";
import { startEmbeddedPostgres } from "../postgres/embedded-postgres";
import { closedLoop, type LoopResult, quantile } from "./closed-loop";
import { type SpendApi, startSpendApi } from "./spend-api";
import { makeFloor, seedPeople, seedSpenders, userOf } from "./spend-ledgers";

/**
 * Measures a spend from one Node process through the ordinary driver, on the embedded Postgres with its
 * default settings. The contenders take turns in the same run, so that noise hits all of them alike:
 *   floor  a function that updates one row and inserts one with a unique key
 *   spend  spendCredits over 50,000 users with three open lots each, 16 in flight
 *   hot    the same, all on one user
 *   past   users with 10,000 past transactions, against users with 10
 *   ledger a ledger of ten million rows, against one of ten thousand
 *   batched, hot batched  SpendBatcher with 16, 64 and 256 in flight, over all users and on one
 *   bulk floor  batches of 64 through one update and one insert
 *   half load   8 in flight, batched and not
 *   api    POST /api/v1/spends with a key, 64 in flight, to the production build in a process of its
 *          own. Needs `npm run build`; without a build it is left out
 *   api batch  the same with 256 spends in each request, 2 requests in flight
 *
 * `npm run bench:spend -- --seconds 3 --rounds 5 --ledger 10000000`, or `--small` for a ledger of
 * 500,000 rows and short turns, which takes a minute. The last line is JSON. What limits a spend, and
 * what was tried: docs/decisions/0034-speed-of-a-spend.md.
 */
const IN_FLIGHT = 16;
const USERS = 50_000;
const SMALL_LEDGER_ROWS = 10_000;
const ROWS_PER_USER = 4;
const SIZED_USERS = SMALL_LEDGER_ROWS / ROWS_PER_USER;

/** The batcher needs one connection, and a few that wait for locked accounts. */
const BATCHER_CONNECTIONS = 4;
const BATCH_LOADS = [16, 64, 256];
const BULK = 64;
const API_BATCH = 256;

type Contender = {
  readonly name: string;
  readonly call: (nth: number) => PromiseLike<unknown>;
  readonly inFlight?: number;
  readonly spendsPerCall?: number;
};

async function main(): Promise<void> {
  const { seconds, rounds, ledgerRows } = readOptions();
  const password = () => randomBytes(12).toString("hex");
  const server = await startEmbeddedPostgres({
    directory: await mkdtemp(path.join(tmpdir(), "qiflow-bench-")),
    passwords: { superuser: password(), owner: password(), app: password() },
    throwaway: true,
  });
  try {
    const pools = await prepare(server, ledgerRows);
    const api = await startSpendApi({ database: pools.main, databaseUrl: server.appUrl });
    try {
      const contenders = [...contendersOn(pools), ...(api === null ? [] : apiContenders(api))];
      report(await takeTurns(contenders, { seconds, rounds }));
    } finally {
      await api?.stop();
      await Promise.all(Object.values(pools).map((db) => db.$client.end()));
    }
  } finally {
    await server.stop();
  }
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string" },
      rounds: { type: "string" },
      ledger: { type: "string" },
      small: { type: "boolean", default: false },
    },
  });
  const usual = values.small
    ? { seconds: "1", rounds: "3", ledger: "500000" }
    : { seconds: "3", rounds: "5", ledger: "10000000" };
  const whole = (name: string, text: string, least: number) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least)
      throw new Error(`--${name} takes a whole number of at least ${least}.`);
    return value;
  };
  return {
    seconds: whole("seconds", values.seconds ?? usual.seconds, 1),
    rounds: whole("rounds", values.rounds ?? usual.rounds, 1),
    ledgerRows: whole("ledger", values.ledger ?? usual.ledger, SMALL_LEDGER_ROWS),
  };
}

type Server = Awaited<ReturnType<typeof startEmbeddedPostgres>>;
type Pools = Readonly<Record<"main" | "small" | "large" | "batcher", Database>>;

/** Three databases of one server: the ordinary one, and a small and a large ledger. */
async function prepare(server: Server, ledgerRows: number): Promise<Pools> {
  await migrateDatabase({ ownerUrl: server.ownerUrl, appRole: "qiflow_app" });
  const superuser = postgres(server.superuserUrl, { max: 1, onnotice: () => {} });
  for (const name of ["small", "large"])
    await superuser.unsafe(`create database ${name} template qiflow owner qiflow_owner`);
  await superuser.end();
  await fill(inDatabase(server.ownerUrl, "qiflow"), async (sql) => {
    await seedSpenders(sql, { name: "user", users: USERS, rows: ROWS_PER_USER });
    await seedSpenders(sql, { name: "hot", users: 1, rows: ROWS_PER_USER });
    await seedSpenders(sql, { name: "young", users: IN_FLIGHT, rows: 10 });
    await seedSpenders(sql, { name: "old", users: IN_FLIGHT, rows: 10_000 });
    await seedPeople(sql, { name: "user", users: USERS });
    await makeFloor(sql, USERS);
  });
  await fill(inDatabase(server.ownerUrl, "small"), (sql) =>
    seedSpenders(sql, { name: "user", users: SIZED_USERS, rows: ROWS_PER_USER }),
  );
  await fill(inDatabase(server.ownerUrl, "large"), (sql) =>
    seedSpenders(sql, {
      name: "user",
      users: SIZED_USERS,
      rows: Math.ceil(ledgerRows / SIZED_USERS),
    }),
  );
  const pool = (name: string, max = IN_FLIGHT) =>
    createDatabase(inDatabase(server.appUrl, name), { max });
  return {
    main: pool("qiflow"),
    small: pool("small"),
    large: pool("large"),
    batcher: pool("qiflow", BATCHER_CONNECTIONS),
  };
}

function inDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

async function fill(url: string, seed: (sql: postgres.Sql) => Promise<void>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  await seed(sql);
  await sql.unsafe("vacuum analyze");
  await sql.end();
}

function contendersOn({ main, small, large, batcher }: Pools): Contender[] {
  const spends = new SpendBatcher(batcher);
  const anyOf = (group: string, users: number) => () => userOf(group, randomInt(users) + 1);
  const ownOf = (group: string) => (nth: number) => userOf(group, (nth % IN_FLIGHT) + 1);
  return [
    { name: "floor", call: floorCall(main, anyOf("user", USERS)) },
    { name: "spend", call: spendCall(main, anyOf("user", USERS)) },
    { name: "hot", call: spendCall(main, () => userOf("hot", 1)) },
    { name: "10 past rows", call: spendCall(main, ownOf("young")) },
    { name: "10,000 past rows", call: spendCall(main, ownOf("old")) },
    { name: "small ledger", call: spendCall(small, anyOf("user", SIZED_USERS)) },
    { name: "large ledger", call: spendCall(large, anyOf("user", SIZED_USERS)) },
    ...BATCH_LOADS.flatMap((inFlight) => [
      { name: `batched ${inFlight}`, inFlight, call: batchedCall(spends, anyOf("user", USERS)) },
      {
        name: `hot batched ${inFlight}`,
        inFlight,
        call: batchedCall(spends, () => userOf("hot", 1)),
      },
    ]),
    {
      name: "bulk floor",
      inFlight: 1,
      spendsPerCall: BULK,
      call: bulkFloorCall(batcher, anyOf("user", USERS)),
    },
    { name: "half load", inFlight: IN_FLIGHT / 2, call: spendCall(main, anyOf("user", USERS)) },
    {
      name: "half load batched",
      inFlight: IN_FLIGHT / 2,
      call: batchedCall(spends, anyOf("user", USERS)),
    },
  ];
}

let keys = 0;

/** What the application does: a transaction with the spend as its last statement. */
function spendCall(db: Database, userOfCall: (nth: number) => string) {
  return (nth: number) =>
    db.transaction((tx) =>
      spendCredits(tx, {
        userId: userOfCall(nth),
        key: `bench:${++keys}`,
        amount: 1,
        source: "reading:bench",
        now: now(),
      }),
    );
}

function batchedCall(batcher: SpendBatcher, userOfCall: (nth: number) => string) {
  return (nth: number) =>
    batcher.spend({
      userId: userOfCall(nth),
      key: `bench:${++keys}`,
      amount: 1,
      source: "reading:bench",
      now: now(),
    });
}

function apiContenders(api: SpendApi): Contender[] {
  const spend = () => ({ user: userOf("user", randomInt(USERS) + 1), key: `bench-${++keys}` });
  return [
    { name: "api", inFlight: BULK, call: () => api.spend(spend()) },
    {
      name: "api batch",
      inFlight: 2,
      spendsPerCall: API_BATCH,
      call: () => api.spendBatch(Array.from({ length: API_BATCH }, spend)),
    },
  ];
}

function bulkFloorCall(db: Database, userOfCall: (nth: number) => string) {
  return (nth: number) => {
    const users = Array.from({ length: BULK }, () => userOfCall(nth));
    const newKeys = users.map(() => `bench:${++keys}`);
    return db.execute(query`select floor_spend_batch(${query.param(users)}::text[],
      ${query.param(newKeys)}::text[], ${now().toISOString()}::timestamptz) as result`);
  };
}

function floorCall(db: Database, userOfCall: (nth: number) => string) {
  return (nth: number) =>
    db.transaction((tx) =>
      tx.execute(query`select floor_spend(${userOfCall(nth)}, ${`bench:${++keys}`}, 1::bigint,
        ${now().toISOString()}::timestamptz) as result`),
    );
}

type Results = ReadonlyMap<string, readonly LoopResult[]>;

/** A warm-up turn that does not count, then `rounds` turns for every contender. */
async function takeTurns(
  contenders: readonly Contender[],
  { seconds, rounds }: { seconds: number; rounds: number },
): Promise<Results> {
  const results = new Map<string, LoopResult[]>();
  for (const { call, inFlight = IN_FLIGHT } of contenders)
    await closedLoop({ inFlight, seconds: 1, call });
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, call, inFlight = IN_FLIGHT, spendsPerCall = 1 } of contenders) {
      const result = await closedLoop({ inFlight, seconds, call });
      const callsPerSecond = result.callsPerSecond * spendsPerCall;
      results.set(name, [...(results.get(name) ?? []), { ...result, callsPerSecond }]);
    }
  }
  return results;
}

function report(results: Results): void {
  console.log(`${"".padEnd(20)}${["spends/s", "p50 ms", "p99 ms"].map(cell).join("")}`);
  for (const [name, turns] of results) {
    const figures = [
      medianOf(turns.map((turn) => turn.callsPerSecond)).toFixed(0),
      medianOf(turns.map((turn) => turn.p50Ms)).toFixed(2),
      medianOf(turns.map((turn) => turn.p99Ms)).toFixed(2),
    ];
    console.log(`${name.padEnd(20)}${figures.map(cell).join("")}`);
  }
  console.log(
    JSON.stringify({
      spend_over_floor: ratio(results, "spend", "floor"),
      hot_over_floor: ratio(results, "hot", "floor"),
      past_rows_ratio: ratio(results, "10,000 past rows", "10 past rows"),
      ledger_size_ratio: ratio(results, "large ledger", "small ledger"),
      ...Object.fromEntries(
        BATCH_LOADS.flatMap((load) => [
          [`batched_over_floor_${load}`, ratio(results, `batched ${load}`, "floor")],
          [`hot_batched_over_floor_${load}`, ratio(results, `hot batched ${load}`, "floor")],
        ]),
      ),
      batched_over_bulk_floor: ratio(results, `batched ${BULK}`, "bulk floor"),
      api_over_batched: results.has("api") ? ratio(results, "api", `batched ${BULK}`) : null,
      api_batch_over_batched: results.has("api batch")
        ? ratio(results, "api batch", `batched ${API_BATCH}`)
        : null,
      p99_half_load_over_unbatched: ratio(results, "half load batched", "half load", "p99Ms"),
    }),
  );
}

const cell = (text: string) => text.padStart(12);

/** The median of the ratios of each turn, so that only neighbours in time are compared. */
function ratio(
  results: Results,
  one: string,
  other: string,
  figure: keyof LoopResult = "callsPerSecond",
): number {
  const others = results.get(other) ?? [];
  const ratios = (results.get(one) ?? []).map(
    (turn, index) => turn[figure] / (others[index]?.[figure] ?? Number.NaN),
  );
  return Math.round(medianOf(ratios) * 100) / 100;
}

function medianOf(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

await main();
