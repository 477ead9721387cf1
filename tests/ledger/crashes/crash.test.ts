import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDatabase } from "@/db/client";
import { expectBooksBalanced } from "../../support/books";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { NOW } from "../account-scenario";
import { expectAtomic, type OperationCase, POLL, prepareCases } from "./atomicity";
import {
  backendsIn,
  type CrashPoint,
  installCrashPoints,
  pauseAt,
  terminateBackends,
  whilePaused,
} from "./crash-points";
import { type Drop, openDroppingProxy } from "./dropping-proxy";
import { type Operation, operations } from "./operations";
import { runOperation, type Stage } from "./run-operation";

const TIMEOUT_MS = 300_000;
const writes = operations.filter((operation) => "write" in operation);
let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await installCrashPoints(database.ownerSql);
});

afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

type StopPoint = { readonly stage: Stage } | { readonly point: CrashPoint };

/** Runs the operations in a child process up to the stop point. */
function runInChild(cases: readonly OperationCase[], prefix: string, stopAt: StopPoint) {
  const script = fileURLToPath(new URL("./child-process.ts", import.meta.url));
  const names = cases.map(({ operation }) => operation.name).join(",");
  const child = fork(script, [database.directUrl, JSON.stringify(stopAt), prefix, names], {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  const arrived = new Set<string>();
  child.on("message", (name) => arrived.add(String(name)));
  return {
    /** Operations that have finished or wait at the stage. */
    arrived,
    async kill() {
      expect(child.exitCode, "the exit code before the kill").toBeNull();
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** Runs the operations in this process, each on its own connection. */
function runHere(cases: readonly OperationCase[], stopAt?: StopPoint, url = database.directUrl) {
  const [arrived, finished] = [new Set<string>(), new Set<string>()];
  let resume = () => {};
  const resumed = new Promise<void>((resolve) => {
    resume = resolve;
  });
  const run = async ({ operation, userId }: OperationCase) => {
    const db = createDatabase(url, { max: 1 });
    try {
      if (stopAt !== undefined && "point" in stopAt) await pauseAt(db, stopAt.point);
      await runOperation(db, operation, userId, async (stage) => {
        if (stopAt === undefined || !("stage" in stopAt) || stopAt.stage !== stage) return;
        arrived.add(operation.name);
        await resumed;
      });
      finished.add(operation.name);
    } finally {
      await db.$client.end({ timeout: 5 });
    }
  };
  return {
    /** Operations that wait at the stage. */
    arrived,
    /** Operations that succeeded. */
    finished,
    resume,
    /** Resolves when all have succeeded or failed. */
    ended: Promise.allSettled(cases.map(run)),
  };
}

const isJob = (operation: Operation) => "job" in operation;

describe("an operation whose process is killed", () => {
  it.each([
    { stage: "begun", of: writes, when: "after BEGIN" },
    { stage: "written", of: writes, when: "between the write and COMMIT" },
    { stage: "committed", of: operations, when: "after COMMIT, before its caller has the result" },
  ] as const)(
    "is atomic and can be repeated: $when",
    async ({ stage, of }) => {
      const cases = await prepareCases(database, `killed ${stage}`, of);
      const child = runInChild(cases, `killed ${stage}`, { stage });
      await expect.poll(() => child.arrived.size, POLL).toBe(cases.length);
      await child.kill();
      await expectAtomic(database, cases, () => stage === "committed");
    },
    TIMEOUT_MS,
  );

  it(
    "is atomic and can be repeated: after each row it changes",
    () =>
      atEveryChange(async (point, of) => {
        const { cases, arrived } = await killAt(point, of);
        // Postgres has received a job's single statement and commits it without its client.
        await expectAtomic(database, cases, (one) => arrived.has(one.name) || isJob(one));
        return arrived;
      }),
    TIMEOUT_MS,
  );

  it(
    "is applied when Postgres is already committing",
    async () => {
      const { cases, arrived } = await killAt("commit", operations);
      expect([...arrived]).toEqual([]);
      await expectAtomic(database, cases, () => true);
    },
    TIMEOUT_MS,
  );

  async function killAt(point: CrashPoint, of: readonly Operation[]) {
    const prefix = `killed at ${point}`;
    const cases = await prepareCases(database, prefix, of);
    const child = runInChild(cases, prefix, { point });
    await whilePaused(database.ownerSql, async () => {
      await untilPaused(cases, child.arrived);
      await child.kill();
    });
    return { cases, arrived: child.arrived };
  }
});

describe("an operation whose connection is lost", () => {
  it.each([
    { stage: "begun", when: "after BEGIN" },
    { stage: "written", when: "between the write and COMMIT" },
  ] as const)(
    "is rolled back and can be repeated: $when",
    async ({ stage }) => {
      const cases = await prepareCases(database, `lost ${stage}`, writes);
      const run = runHere(cases, { stage });
      await expect.poll(() => run.arrived.size, POLL).toBe(cases.length);
      await terminateBackends(database.sql, await backendsIn(database.sql, "in a transaction"));
      // The next statement must not reach another connection.
      run.resume();
      await expectNoneFinished(run);
      await expectAtomic(database, cases, () => false);
    },
    TIMEOUT_MS,
  );

  it(
    "is atomic and can be repeated: after each row it changes",
    () =>
      atEveryChange(async (point, of) => {
        const { cases, finished } = await terminateAt(point, of);
        await expectAtomic(
          database,
          cases,
          (one) => finished.has(one.name) || unlessJobContinued(one),
        );
        return finished;
      }),
    TIMEOUT_MS,
  );

  it(
    "is atomic and can be repeated: while Postgres is committing",
    async () => {
      const { cases, finished } = await terminateAt("commit", operations);
      expect([...finished]).toEqual([]);
      await expectAtomic(database, cases, unlessJobContinued);
    },
    TIMEOUT_MS,
  );

  it(
    "is rolled back and can be repeated: while it waits for the account's lock",
    async () => {
      const cases = await prepareCases(database, "lost waiting", writes);
      const users = cases.map(({ userId }) => ({ user_id: userId, as_of: NOW }));
      const rollback = new Error("rollback");
      const locked = database.ownerSql.begin(async (other) => {
        // An uncommitted account blocks as well.
        await other`insert into credit_account ${other(users)} on conflict do nothing`;
        await other`select from credit_account for update`;
        const run = runHere(cases);
        const waiting = () => backendsIn(database.sql, "waiting for a row");
        await expect.poll(waiting, POLL).toHaveLength(cases.length);
        await terminateBackends(database.sql, await waiting());
        await expectNoneFinished(run);
        throw rollback;
      });
      await expect(locked).rejects.toBe(rollback);
      await expectAtomic(database, cases, () => false);
    },
    TIMEOUT_MS,
  );

  it.each<Drop>([
    { at: "begin", loses: "the statement" },
    { at: "begin", loses: "the response" },
    { at: "commit", loses: "the statement" },
    { at: "commit", loses: "the response" },
  ])(
    "is applied only if Postgres received the COMMIT: at $at, losing $loses",
    async (drop) => {
      const cases = await prepareCases(database, `lost ${drop.at} ${drop.loses}`, writes);
      const proxy = await openDroppingProxy(database.directUrl, drop);
      await expectNoneFinished(runHere(cases, undefined, proxy.url));
      await proxy.close();
      const isApplied = drop.at === "commit" && drop.loses === "the response";
      await expectAtomic(database, cases, () => isApplied);
    },
    TIMEOUT_MS,
  );

  /** A job that loses one batch continues with the next on another connection. */
  function unlessJobContinued(operation: Operation): false | null {
    return isJob(operation) ? null : false;
  }

  async function terminateAt(point: CrashPoint, of: readonly Operation[]) {
    const cases = await prepareCases(database, `lost at ${point}`, of);
    const run = runHere(cases, { point });
    await whilePaused(database.ownerSql, async () => {
      await untilPaused(cases, run.finished);
      const paused = await backendsIn(database.sql, "paused at its crash point");
      await terminateBackends(database.sql, paused);
      await run.ended;
    });
    return { cases, finished: run.finished };
  }

  async function expectNoneFinished({ ended, finished }: ReturnType<typeof runHere>) {
    await ended;
    expect([...finished]).toEqual([]);
  }
});

/** Waits until every operation is paused at its crash point or has passed it. */
async function untilPaused(
  cases: readonly OperationCase[],
  passed: ReadonlySet<string>,
): Promise<void> {
  const paused = () => backendsIn(database.sql, "paused at its crash point");
  await expect.poll(async () => (await paused()).length + passed.size, POLL).toBe(cases.length);
}

/** Crashes at the first change of every operation, then at the second of those that have one, … */
async function atEveryChange(
  crashAt: (nth: number, of: readonly Operation[]) => Promise<ReadonlySet<string>>,
): Promise<void> {
  const changes = new Map<string, number>();
  let remaining = operations;
  for (let nth = 1; remaining.length > 0; nth += 1) {
    const passed = await crashAt(nth, remaining);
    remaining = remaining.filter(({ name }) => !passed.has(name));
    for (const { name } of remaining) changes.set(name, nth);
  }
  expect([...changes.keys()].toSorted()).toEqual(operations.map(({ name }) => name).toSorted());
  // The transaction, the lot, the allocation and the account.
  expect(changes.get("spend")).toBe(4);
}
