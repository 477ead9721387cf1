import { eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { distributionFailure } from "@/db/schema";
import { createTestDatabase, type TestDatabase } from "../support/database";
import {
  creditsDue,
  expectBulkBooksBalanced,
  expectGrantedOnce,
  FIRST_DUE,
  seedDueUsers,
} from "./due-users";
import { Scene } from "./scene";

const PATIENCE_MS = 60_000;
const today = FIRST_DUE.toISOString();

let test: TestDatabase;
let scene: Scene;

beforeEach(async () => {
  test = await createTestDatabase();
  scene = new Scene(test.db);
});
afterEach(() => test.close());

/** From now on nothing can be put on a lot of users called `poison-…`. */
const poison = () =>
  test.ownerSql`alter table credit_lot
    add constraint poisoned check (user_id not like 'poison-%') not valid`;
const cure = () => test.ownerSql`alter table credit_lot drop constraint poisoned`;

describe("users whose grant fails", () => {
  it.each([
    { sound: 1_999, poisoned: 1 },
    { sound: 4_950, poisoned: 50 },
    { sound: 1_880, poisoned: 120 },
  ])(
    "$poisoned beside $sound others stop nobody, are marked, and are tried again in the next run",
    async ({ sound, poisoned }) => {
      await seedDueUsers(test, { count: sound });
      await seedDueUsers(test, { count: poisoned, prefix: "poison" });
      await poison();

      const run = await scene.run(today);
      expect(run).toMatchObject({ status: "done", usersCount: sound + poisoned });
      expect(run).toMatchObject({ processedCount: sound, errorCount: poisoned });
      expect(run).toMatchObject({ grantedCredits: creditsDue(sound) });
      expect(run.lastError).toContain("poisoned");
      await expectGrantedOnce(test.sql, { count: sound, periods: 1 });
      await expectGrantedOnce(test.sql, { count: poisoned, periods: 0, prefix: "poison" });
      expect(await marked(run.id)).toBe(poisoned);
      await expectBulkBooksBalanced(test.sql);

      const again = await scene.run(today);
      expect(again.id).not.toBe(run.id);
      expect(again).toMatchObject({ usersCount: poisoned, errorCount: poisoned });
      expect(await marked(again.id)).toBe(poisoned);

      await cure();
      const cured = await scene.run(today);
      expect(cured).toMatchObject({ usersCount: poisoned, errorCount: 0 });
      await expectGrantedOnce(test.sql, { count: poisoned, periods: 1, prefix: "poison" });
      await expectGrantedOnce(test.sql, { count: sound, periods: 1 });
      expect(await marked(cured.id)).toBe(0);
      await expectBulkBooksBalanced(test.sql);
    },
    PATIENCE_MS,
  );

  it("are marked with the error, which goes when the grant succeeds", async () => {
    await scene.buyLifetime("poison-1", "cs_1", "2026-01-15");
    await poison();
    const run = await scene.run("2026-02-15");
    const failure = await failureOf("poison-1");
    expect(failure).toMatchObject({
      ...{ runId: run.id, stage: "grant", error: expect.stringContaining("poisoned") },
    });
    const again = await scene.run("2026-02-15");
    expect(await failureOf("poison-1")).toMatchObject({
      ...{ runId: again.id, sinceAt: failure?.sinceAt },
    });
    expect(await scene.schedules("poison-1")).toEqual(["checkout:cs_1 n=1 due 2026-02-15"]);
    await cure();
    await scene.run("2026-02-16");
    expect(await failureOf("poison-1")).toBeUndefined();
    expect(await scene.schedules("poison-1")).toEqual(["checkout:cs_1 n=2 due 2026-03-15"]);
  });

  it("are counted once, also when their expiry fails as well", async () => {
    for (const user of ["poison-1", "poison-2", "sound"]) await scene.signUp(user, "2026-01-15");
    await poison();
    const run = await scene.run("2026-02-18");
    expect(run).toMatchObject({ usersCount: 3, processedCount: 1, errorCount: 2 });
  });

  it("keep the lots that failed to expire from counting all the same", async () => {
    await scene.signUp("poison-1", "2026-01-15");
    await poison();
    await scene.run("2026-06-01");
    const [balance] = await test.sql`
      select available::integer from credits_balance('poison-1', '2026-06-01')`;
    expect(balance).toEqual({ available: 0 });
  });
});

/** How many users wait for another run because this one failed for them. */
function marked(runId: string): Promise<number> {
  return test.db.$count(distributionFailure, eq(distributionFailure.runId, runId));
}

async function failureOf(userId: string) {
  const [failure] = await test.db
    .select()
    .from(distributionFailure)
    .where(eq(distributionFailure.userId, userId));
  return failure;
}
