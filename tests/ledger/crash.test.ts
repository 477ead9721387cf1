import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDatabase } from "@/db/client";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { type Operation, operations } from "./crash-operations";
import {
  backendsThat,
  type CrashPoint,
  cut,
  installCrashPoints,
  standAt,
  whileStanding,
} from "./crash-points";
import { expectAllOrNothing, POLL, prepareVictims, type Victim } from "./crash-victims";
import { type Cut, openCutLine } from "./cut-line";
import { NOW } from "./prepared-user";
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

type Where = { readonly stage: Stage } | { readonly point: CrashPoint };

/** Runs the operations in a process of its own, up to where it is to be killed. */
function runInChild(victims: readonly Victim[], prefix: string, where: Where) {
  const script = fileURLToPath(new URL("./crash-child.ts", import.meta.url));
  const names = victims.map(({ operation }) => operation.name).join(",");
  const child = fork(script, [database.appUrl, JSON.stringify(where), prefix, names], {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const exited = once(child, "exit");
  const arrived = new Set<string>();
  child.on("message", (name) => arrived.add(String(name)));
  return {
    /** Operations that have ended, or stay at the stage. */
    arrived,
    async kill() {
      expect(child.exitCode, "the process died by itself").toBeNull();
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** Runs the operations in this process, each over a connection of its own. */
function runHere(victims: readonly Victim[], where?: Where, url = database.appUrl) {
  const [arrived, finished] = [new Set<string>(), new Set<string>()];
  let goOn = () => {};
  const told = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const run = async ({ operation, userId }: Victim) => {
    const db = createDatabase(url, { max: 1 });
    try {
      if (where !== undefined && "point" in where) await standAt(db, where.point);
      await runOperation(db, operation, userId, async (stage) => {
        if (where === undefined || !("stage" in where) || where.stage !== stage) return;
        arrived.add(operation.name);
        await told;
      });
      finished.add(operation.name);
    } finally {
      await db.$client.end({ timeout: 5 });
    }
  };
  return {
    /** Operations that stay at the stage, and those that have succeeded. */
    arrived,
    finished,
    goOn,
    /** When all have succeeded or failed. */
    ended: Promise.allSettled(victims.map(run)),
  };
}

const isJob = (operation: Operation) => "job" in operation;

describe("an operation is wholly there or not at all, and asking again does it once, when its process is killed", () => {
  test.each([
    { stage: "begun", of: writes, when: "after BEGIN" },
    { stage: "written", of: writes, when: "between the write and COMMIT" },
    { stage: "committed", of: operations, when: "after COMMIT, before anybody was told" },
  ] as const)(
    "$when",
    async ({ stage, of }) => {
      const victims = await prepareVictims(database, `killed ${stage}`, of);
      const child = runInChild(victims, `killed ${stage}`, { stage });
      await expect.poll(() => child.arrived.size, POLL).toBe(victims.length);
      await child.kill();
      await expectAllOrNothing(database, victims, () => stage === "committed");
    },
    TIMEOUT_MS,
  );

  test(
    "after any row that it changes",
    () =>
      atEveryChange(async (point, of) => {
        const { victims, arrived } = await killAt(point, of);
        // A job's one statement has arrived whole: Postgres ends and keeps it, whoever listens.
        await expectAllOrNothing(database, victims, (one) => arrived.has(one.name) || isJob(one));
        return arrived;
      }),
    TIMEOUT_MS,
  );

  test(
    "while Postgres is at the COMMIT",
    async () => {
      const { victims, arrived } = await killAt("commit", operations);
      expect([...arrived]).toEqual([]);
      await expectAllOrNothing(database, victims, () => true);
    },
    TIMEOUT_MS,
  );

  async function killAt(point: CrashPoint, of: readonly Operation[]) {
    const prefix = `killed at ${point}`;
    const victims = await prepareVictims(database, prefix, of);
    const child = runInChild(victims, prefix, { point });
    await whileStanding(database.ownerSql, async () => {
      await untilStanding(victims, child.arrived);
      await child.kill();
    });
    return { victims, arrived: child.arrived };
  }
});

describe("an operation is wholly there or not at all, and asking again does it once, when its connection is cut", () => {
  test.each([
    { stage: "begun", when: "after BEGIN" },
    { stage: "written", when: "between the write and COMMIT" },
  ] as const)(
    "$when",
    async ({ stage }) => {
      const victims = await prepareVictims(database, `cut ${stage}`, writes);
      const run = runHere(victims, { stage });
      await expect.poll(() => run.arrived.size, POLL).toBe(victims.length);
      await cut(database.sql, await backendsThat(database.sql, "is in a transaction"));
      // On to the next statement, which must not find a way.
      run.goOn();
      await expectAllLost(run);
      await expectAllOrNothing(database, victims, () => false);
    },
    TIMEOUT_MS,
  );

  test(
    "after any row that it changes",
    () =>
      atEveryChange(async (point, of) => {
        const { victims, finished } = await cutAt(point, of);
        await expectAllOrNothing(
          database,
          victims,
          (one) => finished.has(one.name) || unlessGoneOn(one),
        );
        return finished;
      }),
    TIMEOUT_MS,
  );

  test(
    "while Postgres is at the COMMIT",
    async () => {
      const { victims, finished } = await cutAt("commit", operations);
      expect([...finished]).toEqual([]);
      await expectAllOrNothing(database, victims, unlessGoneOn);
    },
    TIMEOUT_MS,
  );

  test(
    "while it waits for the account",
    async () => {
      const victims = await prepareVictims(database, "cut waiting", writes);
      const users = victims.map(({ userId }) => ({ user_id: userId, as_of: NOW }));
      const undo = new Error("undo");
      const locked = database.ownerSql.begin(async (other) => {
        // An account that is being made is waited for as well.
        await other`insert into credit_account ${other(users)} on conflict do nothing`;
        await other`select from credit_account for update`;
        const run = runHere(victims);
        const waiting = () => backendsThat(database.sql, "waits for a row");
        await expect.poll(waiting, POLL).toHaveLength(victims.length);
        await cut(database.sql, await waiting());
        await expectAllLost(run);
        throw undo;
      });
      await expect(locked).rejects.toBe(undo);
      await expectAllOrNothing(database, victims, () => false);
    },
    TIMEOUT_MS,
  );

  test.each<Cut>([
    { at: "begin", loses: "the statement" },
    { at: "begin", loses: "its answer" },
    { at: "commit", loses: "the statement" },
    { at: "commit", loses: "its answer" },
  ])(
    "at $at, so that $loses never arrives",
    async (where) => {
      const victims = await prepareVictims(database, `line ${where.at} ${where.loses}`, writes);
      const line = await openCutLine(database.appUrl, where);
      await expectAllLost(runHere(victims, undefined, line.url));
      await line.close();
      const isKept = where.at === "commit" && where.loses === "its answer";
      await expectAllOrNothing(database, victims, () => isKept);
    },
    TIMEOUT_MS,
  );

  /** A run whose one batch is lost goes on with the next, over another connection. */
  function unlessGoneOn(operation: Operation): false | null {
    return isJob(operation) ? null : false;
  }

  async function cutAt(point: CrashPoint, of: readonly Operation[]) {
    const victims = await prepareVictims(database, `cut at ${point}`, of);
    const run = runHere(victims, { point });
    await whileStanding(database.ownerSql, async () => {
      await untilStanding(victims, run.finished);
      await cut(database.sql, await backendsThat(database.sql, "stands at its crash point"));
      await run.ended;
    });
    return { victims, finished: run.finished };
  }

  async function expectAllLost({ ended, finished }: ReturnType<typeof runHere>): Promise<void> {
    await ended;
    expect([...finished]).toEqual([]);
  }
});

/** Until every operation stands at its crash point or has come past it. */
async function untilStanding(victims: readonly Victim[], past: ReadonlySet<string>): Promise<void> {
  const standing = () => backendsThat(database.sql, "stands at its crash point");
  await expect.poll(async () => (await standing()).length + past.size, POLL).toBe(victims.length);
}

/** Crashes at the first change of every operation, at the second of those that have one, and so on. */
async function atEveryChange(
  crashAt: (nth: number, of: readonly Operation[]) => Promise<ReadonlySet<string>>,
): Promise<void> {
  const changes = new Map<string, number>();
  let left = operations;
  for (let nth = 1; left.length > 0; nth += 1) {
    const past = await crashAt(nth, left);
    left = left.filter(({ name }) => !past.has(name));
    for (const { name } of left) changes.set(name, nth);
  }
  expect([...changes.keys()].toSorted()).toEqual(operations.map(({ name }) => name).toSorted());
  // A transaction, a lot, which lot it was, the account.
  expect(changes.get("spend")).toBe(4);
}
