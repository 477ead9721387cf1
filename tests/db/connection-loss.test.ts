import { setTimeout as wait } from "node:timers/promises";
import { sql as query } from "drizzle-orm";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createDatabase, type Database, type Transaction } from "@/db/client";
import { createTestDatabase, type TestDatabase } from "../support/database";

const POOL = 5;
const TRANSACTIONS = 20;
const TIMEOUT_MS = 15_000;
const LOCK = 7_001;

let database: TestDatabase;
let db: Database;
/** Sees the backends of its role and may terminate them. */
let watcher: postgres.Sql;
/** Errors that would have ended the process. */
const fatal: unknown[] = [];
const onFatal = (error: unknown) => fatal.push(error);

beforeAll(async () => {
  database = await createTestDatabase();
  watcher = postgres(database.directUrl, { max: 1 });
  await database.ownerSql.unsafe(`
    create table left_half (id text primary key, backend integer not null);
    create table right_half (id text primary key, backend integer not null);
    create table late_check (id text);
    create function wait_at_commit() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock(${LOCK}); return null; end $$;
    create constraint trigger waits after insert on late_check deferrable initially deferred
      for each row execute function wait_at_commit();
    grant all on left_half, right_half, late_check to qiflow_app;`);
  process.on("uncaughtException", onFatal);
  process.on("unhandledRejection", onFatal);
});

afterAll(async () => {
  process.off("uncaughtException", onFatal);
  process.off("unhandledRejection", onFatal);
  await watcher.end();
  await database.close();
});

beforeEach(() => {
  db = createDatabase(database.directUrl, { max: POOL });
});

afterEach(async () => {
  await db.$client.end({ timeout: 5 });
  // Errors left behind by a lost connection surface a moment later.
  await wait(50);
  expect(fatal).toEqual([]);
});

async function writeLeft(tx: Transaction, id: string): Promise<void> {
  await tx.execute(query`insert into left_half values (${id}, pg_backend_pid())`);
}

async function writeRight(tx: Transaction, id: string): Promise<void> {
  await tx.execute(query`insert into right_half values (${id}, pg_backend_pid())`);
}

/** Writes both halves in one transaction and calls `between` after the first. */
function writePair(id: string, between: (tx: Transaction) => Promise<unknown> = async () => {}) {
  return db.transaction(async (tx) => {
    await writeLeft(tx, id);
    await between(tx);
    await writeRight(tx, id);
  });
}

/** Writes many pairs concurrently and returns the outcome of each. */
const writeMany = (prefix: string, between?: (tx: Transaction) => Promise<unknown>) =>
  outcomes(
    Array.from({ length: TRANSACTIONS }, (_, nth) => writePair(`${prefix}-${nth}`, between)),
  );

/** The same with pipelined statements, each transaction waiting for the lock. */
const writeManyPipelined = (prefix: string) =>
  outcomes(
    Array.from({ length: TRANSACTIONS }, (_, nth) => {
      const id = `${prefix}-${nth}`;
      return db.transaction((tx) =>
        Promise.all([waitForLock(tx), writeLeft(tx, id), writeRight(tx, id)]),
      );
    }),
  );

/** Process ids of the backends of the pool under test. */
async function backends(doing: "waiting for a lock" | "idle in a transaction" | "connected") {
  const rows = await watcher<{ pid: number; state: string; waits: boolean }[]>`
    select pid, state, coalesce(wait_event_type = 'Lock', false) as waits from pg_stat_activity
    where datname = current_database() and usename = 'qiflow_app' and pid <> pg_backend_pid()`;
  if (doing === "waiting for a lock") return rows.filter((row) => row.waits).map((row) => row.pid);
  if (doing === "connected") return rows.map((row) => row.pid);
  return rows.filter((row) => row.state === "idle in transaction").map((row) => row.pid);
}

/** Polls long enough for a slow machine. */
async function waitForBackends(
  doing: Parameters<typeof backends>[0],
  count: number,
): Promise<void> {
  await expect.poll(() => backends(doing), { timeout: TIMEOUT_MS }).toHaveLength(count);
}

async function terminate(pids: readonly number[]): Promise<void> {
  await watcher`
    select pg_terminate_backend(pid, 5000) from unnest(${[...pids]}::integer[]) pid`;
}

/** The outcome of each transaction. Fails if one of them hangs. */
async function outcomes(transactions: readonly Promise<unknown>[]) {
  const settled = await Promise.race([
    Promise.allSettled(transactions),
    wait(TIMEOUT_MS, undefined, { ref: false }),
  ]);
  if (settled === undefined) throw new Error("A transaction hangs.");
  return settled.map(({ status }) => status);
}

/** The committed ids. Fails unless one backend wrote both halves of each. */
async function expectPairs(prefix: string): Promise<string[]> {
  const rows = await database.ownerSql<{ id: string; left: number; right: number }[]>`
    select id, l.backend as left, r.backend as right from left_half l full join right_half r using (id)
    where id like ${`${prefix}-%`} order by id`;
  for (const row of rows) expect(row.left, row.id).toBe(row.right);
  return rows.map((row) => row.id);
}

async function expectPoolRecovered(): Promise<void> {
  const prefix = `recovered${Math.random()}`;
  expect(await writeMany(prefix)).toEqual(Array(TRANSACTIONS).fill("fulfilled"));
  expect(await expectPairs(prefix)).toHaveLength(TRANSACTIONS);
  expect((await backends("connected")).length).toBeLessThanOrEqual(POOL);
}

/** Holds the lock that `wait_at_commit` and `waitForLock` wait for. */
async function whileLocked(work: () => Promise<void>): Promise<void> {
  await database.ownerSql.begin(async (owner) => {
    await owner`select pg_advisory_xact_lock(${LOCK})`;
    await work();
  });
}

const waitForLock = (tx: Transaction) => tx.execute(query`select pg_advisory_xact_lock(${LOCK})`);

/** Terminates the backends that wait for the lock and expects exactly their transactions to be lost. */
async function expectOnlyThoseLost(
  prefix: string,
  write: (prefix: string) => ReturnType<typeof outcomes>,
): Promise<void> {
  let running: ReturnType<typeof outcomes> | undefined;
  await whileLocked(async () => {
    running = write(prefix);
    await waitForBackends("waiting for a lock", POOL);
    await terminate(await backends("waiting for a lock"));
  });
  const ended = await running;
  expect(ended?.slice(0, POOL)).toEqual(Array(POOL).fill("rejected"));
  expect(ended?.slice(POOL)).toEqual(Array(TRANSACTIONS - POOL).fill("fulfilled"));
  expect(await expectPairs(prefix)).toHaveLength(TRANSACTIONS - POOL);
}

describe("the pool after losing connections", () => {
  it("rolls back only the transactions whose statement was waiting", async () => {
    await expectOnlyThoseLost("waiting", (prefix) => writeMany(prefix, waitForLock));
    await expectPoolRecovered();
  });

  it("rolls back only the transactions that had several statements in flight", async () => {
    // Afterwards every connection has prepared the statements and pipelines them.
    await writeManyPipelined("known");
    await expectOnlyThoseLost("together", writeManyPipelined);
    await expectPoolRecovered();
  });

  it("rolls back only the transactions that were between two statements", async () => {
    let resume = () => {};
    const resumed = new Promise<void>((resolve) => {
      resume = resolve;
    });
    let paused = 0;
    const running = writeMany("between", () => {
      paused += 1;
      return resumed;
    });
    // A backend is idle before the first statement of its transaction, too.
    await expect.poll(() => paused, { timeout: TIMEOUT_MS }).toBe(POOL);
    await terminate(await backends("idle in a transaction"));
    resume();
    const ended = await running;
    expect(ended.slice(0, POOL)).toEqual(Array(POOL).fill("rejected"));
    expect(ended.slice(POOL)).toEqual(Array(TRANSACTIONS - POOL).fill("fulfilled"));
    expect(await expectPairs("between")).toHaveLength(TRANSACTIONS - POOL);
    await expectPoolRecovered();
  });

  it("rolls back only the transactions that were committing", async () => {
    await expectOnlyThoseLost("commit", (prefix) =>
      writeMany(prefix, (tx) => tx.execute(query`insert into late_check values ('x')`)),
    );
    await expectPoolRecovered();
  });

  it("rolls back the outer transaction when a nested one loses the connection and its error is caught", async () => {
    let caught: unknown;
    await whileLocked(async () => {
      const running = db.transaction(async (tx) => {
        await writeLeft(tx, "nested-1");
        await tx.transaction(waitForLock).catch((error: unknown) => {
          caught = error;
        });
        await writeRight(tx, "nested-1");
      });
      const outcome = outcomes([running]);
      await waitForBackends("waiting for a lock", 1);
      await terminate(await backends("waiting for a lock"));
      expect(await outcome).toEqual(["rejected"]);
    });
    expect(caught).toBeInstanceOf(Error);
    expect(await expectPairs("nested")).toEqual([]);
    await expectPoolRecovered();
  });

  it("discards idle connections and opens new ones", async () => {
    await writeMany("idle");
    const idle = await backends("connected");
    expect(idle).toHaveLength(POOL);
    await terminate(idle);
    // A connection that is lent before its loss is noticed fails one transaction and is not lent again.
    const next = await writeMany("next");
    expect(next.filter((status) => status === "rejected").length).toBeLessThanOrEqual(POOL);
    await expectPoolRecovered();
  });

  it("keeps every committed transaction whole while connections are lost repeatedly under load", async () => {
    const deadline = performance.now() + TIMEOUT_MS;
    const ended: string[] = [];
    const count = (status: string) => ended.filter((one) => one === status).length;
    const isRunning = () =>
      performance.now() < deadline && (count("fulfilled") < 20 || count("rejected") < 20);
    const worker = async (nth: number) => {
      for (let turn = 0; isRunning(); turn += 1) {
        const pair = writePair(`load-${nth}-${turn}`, (tx) => tx.execute("select pg_sleep(0.003)"));
        ended.push(...(await outcomes([pair])));
      }
    };
    const workers = Array.from({ length: TRANSACTIONS }, (_, nth) => worker(nth));
    // The pauses grow, so that some transactions commit on a slow machine as well.
    for (let pause = 20; isRunning(); pause *= 1.3) {
      await terminate(await backends("connected"));
      await wait(pause);
    }
    await Promise.all(workers);
    const kept = count("fulfilled");
    expect(kept).toBeGreaterThan(0);
    expect(count("rejected")).toBeGreaterThan(0);
    // A loss during COMMIT can keep a transaction whose caller saw an error.
    expect((await expectPairs("load")).length).toBeGreaterThanOrEqual(kept);
    await expectPoolRecovered();
  });

  it("rejects statements and transactions when no connection can be opened", async () => {
    const nowhere = new URL(database.directUrl);
    nowhere.port = "1";
    const unreachable = createDatabase(nowhere.href, { max: 2 });
    const attempts = Array.from({ length: 6 }, () => unreachable.execute("select 1"));
    expect(await outcomes(attempts)).toEqual(Array(6).fill("rejected"));
    expect(await outcomes([unreachable.transaction(async () => 1)])).toEqual(["rejected"]);
    await unreachable.$client.end();
  });
});
