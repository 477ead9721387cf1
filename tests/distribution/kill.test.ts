import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { distributeCredits } from "@/credits/distribute";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { monthLater } from "./calendar";
import {
  creditsDue,
  expectBulkBooksBalanced,
  expectGrantedOnce,
  FIRST_DUE,
  seedDueUsers,
} from "./due-users";

/** QIFLOW_SOAK=1: 100,000 users, killed at 20 moments. */
const soaking = process.env.QIFLOW_SOAK === "1";
const USERS = soaking ? 100_000 : 10_000;
const MOMENTS = soaking ? 20 : 2;
const PATIENCE_MS = soaking ? 3_600_000 : 120_000;

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  await seedDueUsers(test, { count: USERS });
}, PATIENCE_MS);
afterAll(() => test.close());

it(
  "grants everybody once when the process is killed at any moment of a run and another goes on",
  async () => {
    let inTheMiddle = 0;
    for (let moment = 0; moment < MOMENTS; moment++) {
      const now = monthLater(FIRST_DUE, moment);
      const reached = await killAt(now, Math.floor((USERS * moment) / MOMENTS));
      if (reached < USERS) inTheMiddle += 1;
      const run = await distributeCredits(test.db, { now, deadlineMs: Number.POSITIVE_INFINITY });
      expect(run).toMatchObject({ status: "done", usersCount: USERS, processedCount: USERS });
      expect(run).toMatchObject({ errorCount: 0, grantedCredits: creditsDue(USERS) });
      await expectGrantedOnce(test.sql, { count: USERS, periods: moment + 1 });
    }
    expect(inTheMiddle, "kills that came before the end").toBe(MOMENTS);
    await expectBulkBooksBalanced(test.sql);
  },
  PATIENCE_MS,
);

/**
 * Starts a process on the run and kills it (SIGKILL) while it works on a batch, once `processed` users
 * are done. Answers how many were when it was dead.
 */
async function killAt(now: Date, processed: number): Promise<number> {
  const child = startChild(now);
  const exited = once(child, "exit");
  while (child.exitCode === null) {
    const { isWorking, done } = await look();
    if (isWorking && done >= processed) break;
    await sleep(1);
  }
  child.kill("SIGKILL");
  await exited;
  return (await look()).done;
}

function startChild(now: Date): ChildProcess {
  return fork(
    fileURLToPath(new URL("./child.ts", import.meta.url)),
    [`${test.appUrl}?application_name=killed`, now.toISOString()],
    { execArgv: ["--import", "tsx"], stdio: ["ignore", "ignore", "inherit", "ipc"] },
  );
}

/** What the killed process is at, and how far the run has got. */
async function look(): Promise<{ isWorking: boolean; done: number }> {
  const [row] = await test.sql<{ isWorking: boolean; done: number }[]>`
    select
      exists (select from pg_stat_activity where datname = current_database()
        and application_name = 'killed' and state = 'active'
        and query like '%credits_distribute_batch%') as "isWorking",
      coalesce((select processed_count from distribution_run where status = 'running'), 0) as done`;
  return row ?? { isWorking: false, done: 0 };
}
