import { millisecondsInDay } from "date-fns/constants";
import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "@/db/client";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { distributionRun } from "@/ledger/distribution/schema";
import { connectToDatabase } from "../../../support/connect-to-database";
import { createTestDatabase, type TestDatabase } from "../../../support/database";
import { monthLater } from "../calendar";
import {
  creditsDue,
  expectBulkBooksBalanced,
  expectGrantedOnce,
  FIRST_DUE,
  seedDueUsers,
} from "../due-users";

/** QIFLOW_SOAK=1: 100,000 users. */
const soaking = process.env.QIFLOW_SOAK === "1";
const USERS = soaking ? 100_000 : 15_000;
const TIMEOUT_MS = soaking ? 1_200_000 : 120_000;

let test: TestDatabase;
let workers: Database[];

beforeAll(async () => {
  test = await createTestDatabase();
  workers = Array.from({ length: 4 }, () => connectToDatabase(test.appUrl, { max: 1 }));
  await seedDueUsers(test, { count: USERS });
}, TIMEOUT_MS);
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.$client.end({ timeout: 5 })));
  await test.close();
});

describe("workers on one run", () => {
  it.each([
    { count: 1, periods: 1 },
    { count: 2, periods: 2 },
    { count: 4, periods: 3 },
  ])(
    "grant every user once and count exactly ($count workers)",
    async ({ count, periods }) => {
      const now = monthLater(FIRST_DUE, periods - 1);
      // Expired lots are booked first, so that only grants are timed.
      await distribute(test.db, new Date(now.getTime() - millisecondsInDay));
      // Starts a run without doing any work, so that the workers join it.
      const { id } = await distributeCredits(test.db, { now, deadlineMs: 0 });
      const startedMs = performance.now();
      const results = await Promise.all(
        workers.slice(0, count).map((worker) => distribute(worker, now)),
      );
      const rate = Math.round(USERS / ((performance.now() - startedMs) / 1000));
      console.log(`${count} workers with one connection each: ${rate} users/s`);
      expect(results.map((result) => result.id)).toEqual(results.map(() => id));
      const [run] = await test.db.select().from(distributionRun).where(eq(distributionRun.id, id));
      expect(run).toMatchObject({ status: "done", usersCount: USERS, processedCount: USERS });
      expect(run).toMatchObject({ errorCount: 0, grantedCredits: creditsDue(USERS) });
      await expectGrantedOnce(test.sql, { count: USERS, periods });
    },
    TIMEOUT_MS,
  );

  it(
    "wait for locked accounts and leave those that stay locked to the next call",
    async () => {
      const now = monthLater(FIRST_DUE, 3);
      const busy = await test.ownerSql.reserve();
      await busy`begin`;
      await busy`select from credit_account where user_id = 'user-000007' for update`;
      const unfinished = await distribute(test.db, now);
      expect(unfinished).toMatchObject({ status: "running", processedCount: USERS - 1 });
      await busy`rollback`;
      busy.release();
      const finished = await distribute(test.db, now);
      expect(finished).toMatchObject({ id: unfinished.id, status: "done", processedCount: USERS });
      await expectGrantedOnce(test.sql, { count: USERS, periods: 4 });
    },
    TIMEOUT_MS,
  );

  it(
    "neither lose nor double concurrent spends",
    async () => {
      const now = monthLater(FIRST_DUE, 4);
      const spends = Array.from({ length: 40 }, (_, i) =>
        test.db.execute(sql`select credits_spend(${`user-${String(i * 300 + 1).padStart(6, "0")}`},
        'reading:1:spend', 10::bigint, 'reading:1', ${now.toISOString()}::timestamptz)`),
      );
      await Promise.all([...workers.map((worker) => distribute(worker, now)), ...spends]);
      await expectGrantedOnce(test.sql, { count: USERS, periods: 5 });
      const [spent] = await test.sql`
      select sum(amount)::integer as credits from credit_transaction where type = 'USAGE'`;
      expect(spent).toEqual({ credits: -400 });
      await expectBulkBooksBalanced(test.sql);
    },
    TIMEOUT_MS,
  );
});

function distribute(db: Database, now: Date) {
  return distributeCredits(db, { now, deadlineMs: performance.now() + TIMEOUT_MS });
}
