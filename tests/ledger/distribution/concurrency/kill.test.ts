import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { BATCH_SCHEDULES, distributeCredits } from "@/ledger/distribution/distribute";
import { createTestDatabase, type TestDatabase } from "../../../support/database";
import { monthLater } from "../calendar";
import {
  creditsDue,
  expectBulkBooksBalanced,
  expectGrantedOnce,
  FIRST_DUE,
  seedDueUsers,
} from "../due-users";
import { createChance } from "../year/scenarios";

/** QIFLOW_SOAK=1: 100,000 users, killed at 20 moments. */
const soaking = process.env.QIFLOW_SOAK === "1";
const USERS = soaking ? 100_000 : 10_000;
const MOMENTS = soaking ? 20 : 3;
const TIMEOUT_MS = soaking ? 3_600_000 : 120_000;

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  await seedDueUsers(test, { count: USERS });
}, TIMEOUT_MS);
afterAll(() => test.close());

it(
  "grants and expires everything once when the process is killed at any moment of a run and another goes on",
  async () => {
    const chance = createChance(Number(process.env.QIFLOW_SEED ?? 1));
    for (let moment = 0; moment < MOMENTS; moment++) {
      const now = monthLater(FIRST_DUE, moment);
      // The lots of a month expire with the run of the month after the next.
      const stage = moment >= 2 && moment % 2 === 0 ? "expire" : "distribute";
      const batches = Math.floor((USERS / BATCH_SCHEDULES) * (moment === 0 ? 0 : chance()));
      const reached = await killAt(now, { stage, done: batches * BATCH_SCHEDULES });
      expect(reached, `${stage}: done when it was killed`).toBeLessThan(USERS);
      if (soaking) console.log(`killed when ${reached} were done (${stage})`);
      const run = await distributeCredits(test.db, { now, deadlineMs: Number.POSITIVE_INFINITY });
      expect(run).toMatchObject({ status: "done", usersCount: USERS, processedCount: USERS });
      expect(run).toMatchObject({ errorCount: 0, grantedCredits: creditsDue(USERS) });
      expect(run).toMatchObject({
        ...{ expiredCount: moment < 2 ? 0 : USERS },
        expiredCredits: moment < 2 ? 0 : creditsDue(USERS),
      });
      await expectGrantedOnce(test.sql, { count: USERS, periods: moment + 1 });
    }
    await expectBulkBooksBalanced(test.sql);
  },
  TIMEOUT_MS,
);

interface Moment {
  readonly stage: "expire" | "distribute";
  readonly done: number;
}

/**
 * Starts a process on the run and kills it (SIGKILL) while it works on a batch of that stage, once so
 * many are done with. Answers how many were when it was dead.
 */
async function killAt(now: Date, { stage, done }: Moment): Promise<number> {
  const child = startChild(now);
  const exited = once(child, "exit");
  while (child.exitCode === null) {
    const at = await look(stage);
    if (at.isWorking && at.done >= done) break;
    await sleep(1);
  }
  child.kill("SIGKILL");
  await exited;
  return (await look(stage)).done;
}

function startChild(now: Date): ChildProcess {
  return fork(
    fileURLToPath(new URL("./child-process.ts", import.meta.url)),
    [`${test.appUrl}?application_name=killed`, now.toISOString()],
    { execArgv: ["--import", "tsx"], stdio: ["ignore", "ignore", "inherit", "ipc"] },
  );
}

/** Whether the process to be killed is at that stage, and how far the run has got with it. */
async function look(stage: Moment["stage"]): Promise<{ isWorking: boolean; done: number }> {
  const column = stage === "expire" ? test.sql`expired_count` : test.sql`processed_count`;
  const [row] = await test.sql<{ isWorking: boolean; done: number }[]>`
    select
      exists (select from pg_stat_activity where datname = current_database()
        and application_name = 'killed' and state = 'active'
        and query like ${`%credits_${stage}_batch%`}) as "isWorking",
      coalesce((select ${column} from distribution_run where status = 'running'), 0) as done`;
  return row ?? { isWorking: false, done: 0 };
}
