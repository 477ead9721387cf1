import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDatabase, type Database } from "@/db/client";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { writeCredits } from "./ledger-calls";
import { rowsOfDatabase } from "./ledger-rows";
import { NOW, prepareUser, type WriteCall, writeCalls } from "./prepared-user";

const PATIENCE_MS = 120_000;
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

interface Victim {
  readonly userId: string;
  readonly call: WriteCall;
  readonly before: unknown;
}

/** A prepared user for every write. */
async function prepareVictims(prefix: string): Promise<Victim[]> {
  const victims: Victim[] = [];
  for (const call of writeCalls("op")) {
    const userId = `${prefix}-${call.write}`;
    await prepareUser(database.db, userId);
    victims.push({ userId, call, before: await rowsOf(userId) });
  }
  return victims;
}

const rowsOf = (userId: string) => rowsOfDatabase(database.sql, userId, [NOW]);

function startChild(boundary: string, prefix: string): ChildProcess {
  const script = fileURLToPath(new URL("./crash-child.ts", import.meta.url));
  return fork(script, [database.appUrl, boundary, prefix], {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
}

/** Until all of the child's calls are where they were to go. */
async function untilThere(child: ChildProcess): Promise<void> {
  const [outcome] = await Promise.race([once(child, "message"), once(child, "exit")]);
  expect(outcome, "what the process said").toBe("there");
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
}

/** Backends of the child: in this database, doing what `state` says. */
async function backendsThat(state: "wait for a lock" | "are in a transaction"): Promise<number[]> {
  const rows = await database.sql<{ pid: number; waits: boolean }[]>`
    select pid, wait_event_type = 'Lock' as waits from pg_stat_activity
    where datname = current_database() and usename = 'qiflow_app' and pid <> pg_backend_pid()
      and (state like 'idle in transaction%' or wait_event_type = 'Lock')`;
  return rows.filter((row) => row.waits || state === "are in a transaction").map((row) => row.pid);
}

/** Nothing is half done, and the repeated call does it once. */
async function expectAllOrNothing(victims: readonly Victim[], { isDone }: { isDone: boolean }) {
  // Postgres notices that its client is gone when it next reads from it.
  await expect.poll(() => backendsThat("are in a transaction"), { timeout: 20_000 }).toEqual([]);
  for (const { userId, call, before } of victims) {
    const left = await rowsOf(userId);
    if (isDone) expect(left, call.write).not.toEqual(before);
    else expect(left, call.write).toEqual(before);
    const retry = () => database.db.transaction((tx) => writeCredits(tx, userId, call));
    const first = await retry();
    expect(first.replayed, call.write).toBe(isDone);
    const after = await rowsOf(userId);
    expect(after, call.write).not.toEqual(before);
    expect(await retry()).toEqual({ ...first, replayed: true });
    expect(await rowsOf(userId)).toEqual(after);
    await expectBooksBalanced(database.sql, userId);
  }
}

describe("every write is all or nothing, and a retry has one effect, when the process is killed", () => {
  test.each([
    { boundary: "begun", when: "after BEGIN", isDone: false },
    { boundary: "written", when: "between the write and COMMIT", isDone: false },
    { boundary: "committed", when: "after COMMIT, before anybody was told", isDone: true },
  ])(
    "$when",
    async ({ boundary, isDone }) => {
      const victims = await prepareVictims(boundary);
      const child = startChild(boundary, boundary);
      await untilThere(child);
      await kill(child);
      await expectAllOrNothing(victims, { isDone });
    },
    PATIENCE_MS,
  );
});

describe("every write is all or nothing, and a retry has one effect, when its connection is cut", () => {
  let app: Database;

  beforeEach(() => {
    app = createDatabase(database.appUrl, { max: writeCalls("op").length });
  });

  afterEach(() => app.$client.end({ timeout: 5 }));

  test(
    "between the write and COMMIT",
    async () => {
      const victims = await prepareVictims("cut-written");
      let goOn = () => {};
      const told = new Promise<void>((resolve) => {
        goOn = resolve;
      });
      const ended = writeAll(victims, () => told);
      await cutWhen("are in a transaction", victims.length);
      // On to their COMMITs, which must not find a way.
      goOn();
      await expectAllLost(ended);
      await expectAllOrNothing(victims, { isDone: false });
    },
    PATIENCE_MS,
  );

  test(
    "while the write waits for the account",
    async () => {
      const victims = await prepareVictims("cut-waiting");
      const users = victims.map(({ userId }) => userId);
      await database.ownerSql.begin(async (other) => {
        await other`select from credit_account where user_id in ${other(users)} for update`;
        const ended = writeAll(victims, async () => {});
        await cutWhen("wait for a lock", victims.length);
        await expectAllLost(ended);
      });
      await expectAllOrNothing(victims, { isDone: false });
    },
    PATIENCE_MS,
  );

  function writeAll(victims: readonly Victim[], before: () => Promise<void>) {
    return Promise.allSettled(
      victims.map(({ userId, call }) =>
        app.transaction(async (tx) => {
          await writeCredits(tx, userId, call);
          await before();
        }),
      ),
    );
  }

  /** Cuts every connection of the application as soon as so many do what `state` says. */
  async function cutWhen(state: Parameters<typeof backendsThat>[0], count: number): Promise<void> {
    await expect.poll(() => backendsThat(state), { timeout: 30_000 }).toHaveLength(count);
    await database.sql`
      select pg_terminate_backend(pid, 10000) from unnest(${await backendsThat(state)}::integer[]) pid`;
  }

  async function expectAllLost(ended: ReturnType<typeof writeAll>): Promise<void> {
    for (const { status } of await ended) expect(status).toBe("rejected");
  }
});
