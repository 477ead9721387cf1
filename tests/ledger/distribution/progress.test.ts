import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLatestRun, readRunProgress } from "@/admin/distribution/runs";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { creditsDue, FIRST_DUE, seedDueUsers } from "./due-users";

const USERS = 1_000;
const BATCH = 100;
/** Users on whom the run pauses, in due order. */
const STOPS = [50, 350, 950];

let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  await seedDueUsers(test, { count: USERS });
  // A grant to one of them waits while the test holds the lock of the user's number.
  await test.ownerSql.unsafe(`
    create function wait_for_the_test() returns trigger language plpgsql as $$
    begin
      perform pg_advisory_xact_lock_shared(split_part(new.user_id, '-', 2)::bigint);
      return new;
    end $$;
    create trigger wait_for_the_test before insert on credit_transaction
    for each row execute function wait_for_the_test()`);
});
afterAll(() => test.close());

describe("readRunProgress", () => {
  it("reports a run's progress batch by batch", async () => {
    const lockHolder = await test.ownerSql.reserve();
    for (const stop of STOPS) await lockHolder`select pg_advisory_lock(${stop})`;
    const running = distributeCredits(test.db, {
      now: FIRST_DUE,
      deadlineMs: Infinity,
      batchSize: BATCH,
      concurrency: 1,
    });
    for (const stop of STOPS) {
      await expect.poll(() => hasWaiter(stop), { timeout: 60_000 }).toBe(true);
      // The paused batch is not committed; those before it are.
      const done = Math.floor(stop / BATCH) * BATCH;
      expect(await progress()).toMatchObject({
        run: {
          status: "running",
          finishedAt: null,
          errorCount: 0,
          usersCount: done,
          processedCount: done,
          grantedCredits: creditsDue(done),
        },
        schedulesLeft: USERS - done,
      });
      await lockHolder`select pg_advisory_unlock(${stop})`;
    }
    lockHolder.release();
    await running;
    expect(await progress()).toMatchObject({
      run: { status: "done", usersCount: USERS, grantedCredits: creditsDue(USERS) },
      schedulesLeft: 0,
    });
  });
});

/** Reads the progress as the console's page does. */
async function progress() {
  return readRunProgress(test.db, (await readLatestRun(test.db))?.id ?? "");
}

async function hasWaiter(stop: number): Promise<boolean> {
  const waiting = await test.ownerSql`
    select from pg_locks where locktype = 'advisory' and not granted and objid = ${stop}
      and database = (select oid from pg_database where datname = current_database())`;
  return waiting.length > 0;
}
