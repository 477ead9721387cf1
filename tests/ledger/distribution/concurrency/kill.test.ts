import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { millisecondsInHour } from "date-fns/constants";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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
import { createRandom } from "../year/scenarios";

/** QIFLOW_SOAK=1: 100,000 users, 20 kills. */
const soaking = process.env.QIFLOW_SOAK === "1";
const USERS = soaking ? 100_000 : 10_000;
const KILLS = soaking ? 20 : 3;
const TIMEOUT_MS = soaking ? millisecondsInHour : 120_000;

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  await seedDueUsers(test, { count: USERS });
}, TIMEOUT_MS);
afterAll(() => test.close());

describe("distributeCredits", () => {
  it(
    "grants and expires everything once when a killed run is resumed",
    async () => {
      const random = createRandom(Number(process.env.QIFLOW_SEED ?? 1));
      for (let nth = 0; nth < KILLS; nth++) {
        const now = monthLater(FIRST_DUE, nth);
        // A month's lots expire in the run two months later.
        const stage = nth >= 2 && nth % 2 === 0 ? "expire" : "distribute";
        const batches = Math.floor((USERS / BATCH_SCHEDULES) * (nth === 0 ? 0 : random()));
        const reached = await killAt(now, { stage, done: batches * BATCH_SCHEDULES });
        expect(reached, `${stage}: done before the kill`).toBeLessThan(USERS);
        if (soaking) console.log(`killed after ${reached} users (${stage})`);
        const run = await distributeCredits(test.db, { now, deadlineMs: Number.POSITIVE_INFINITY });
        expect(run).toMatchObject({ status: "done", usersCount: USERS, processedCount: USERS });
        expect(run).toMatchObject({ errorCount: 0, grantedCredits: creditsDue(USERS) });
        expect(run).toMatchObject({
          expiredCount: nth < 2 ? 0 : USERS,
          expiredCredits: nth < 2 ? 0 : creditsDue(USERS),
        });
        await expectGrantedOnce(test.sql, { count: USERS, periods: nth + 1 });
      }
      await expectBulkBooksBalanced(test.sql);
    },
    TIMEOUT_MS,
  );
});

interface KillPoint {
  readonly stage: "expire" | "distribute";
  readonly done: number;
}

/**
 * Starts a process on the run and kills it (SIGKILL) during a batch of `stage` after at least `done`
 * users. Returns how many were done.
 */
async function killAt(now: Date, { stage, done }: KillPoint): Promise<number> {
  const child = startChild(now);
  const exited = once(child, "exit");
  while (child.exitCode === null) {
    const progress = await readProgress(stage);
    if (progress.isWorking && progress.done >= done) break;
    await sleep(1);
  }
  child.kill("SIGKILL");
  await exited;
  return (await readProgress(stage)).done;
}

function startChild(now: Date): ChildProcess {
  return fork(
    fileURLToPath(new URL("./child-process.ts", import.meta.url)),
    [`${test.appUrl}?application_name=killed`, now.toISOString()],
    { execArgv: ["--import", "tsx"], stdio: ["ignore", "ignore", "inherit", "ipc"] },
  );
}

/** Reads whether the child is in the stage and how many users are done. */
async function readProgress(
  stage: KillPoint["stage"],
): Promise<{ isWorking: boolean; done: number }> {
  const column = stage === "expire" ? test.sql`expired_count` : test.sql`processed_count`;
  const [row] = await test.sql<{ isWorking: boolean; done: number }[]>`
    select
      exists (select from pg_stat_activity where datname = current_database()
        and application_name = 'killed' and state = 'active'
        and query like ${`%credits_${stage}_batch%`}) as "isWorking",
      coalesce((select ${column} from distribution_run where status = 'running'), 0) as done`;
  return row ?? { isWorking: false, done: 0 };
}
