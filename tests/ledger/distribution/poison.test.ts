import { eq } from "drizzle-orm";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { distributionFailure } from "@/ledger/distribution/schema";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { DistributionFixture } from "./distribution-fixture";
import { expectBulkBooksBalanced, expectGrantedOnce, FIRST_DUE, seedDueUsers } from "./due-users";
import { poisonExpiry, poisonLots } from "./poison";

/** QIFLOW_SOAK=1: with 100,000 users. */
const soaking = process.env.QIFLOW_SOAK === "1";
const TIMEOUT_MS = soaking ? 1_800_000 : 120_000;
const SIZES = soaking
  ? [1, 50, 5_000].map((poisoned) => ({ users: 100_000, poisoned }))
  : [
      { users: 2_000, poisoned: 1 },
      { users: 12_000, poisoned: 48 },
      { users: 2_000, poisoned: 125 },
    ];
const today = FIRST_DUE.toISOString();

let test: TestDatabase;
let fixture: DistributionFixture;

beforeEach(async () => {
  test = await createTestDatabase();
  fixture = new DistributionFixture(test.db);
});
afterEach(() => test.close());

describe("users whose grant fails", () => {
  it.each(SIZES)(
    "do not stop the others, are recorded, and are retried by the next run ($poisoned of $users)",
    async ({ users, poisoned }) => {
      const sound = users - poisoned;
      await seedDueUsers(test, { count: users });
      await rename({ every: users / poisoned });
      const due = await creditsDueNow();
      const repair = await poisonLots(test);

      const startedMs = performance.now();
      const run = await fixture.run(today);
      logDuration(`${poisoned} of ${users} fail`, startedMs);
      expect(run).toMatchObject({ status: "done", usersCount: users });
      expect(run).toMatchObject({ processedCount: sound, errorCount: poisoned });
      expect(run).toMatchObject({ grantedCredits: due.sound });
      expect(run.lastError).toContain("poisoned");
      await expectGrantedOnce(test.sql, { count: sound, periods: 1 });
      await expectGrantedOnce(test.sql, { count: poisoned, periods: 0, prefix: "poison" });
      expect(await failedUsers(run.id)).toBe(poisoned);
      await expectBulkBooksBalanced(test.sql);

      const again = await fixture.run(today);
      expect(again.id).not.toBe(run.id);
      expect(again).toMatchObject({ usersCount: poisoned, errorCount: poisoned });
      expect(await failedUsers(again.id)).toBe(poisoned);

      await repair();
      const repaired = await fixture.run(today);
      expect(repaired).toMatchObject({ usersCount: poisoned, errorCount: 0 });
      expect(repaired).toMatchObject({ grantedCredits: due.poisoned });
      await expectGrantedOnce(test.sql, { count: poisoned, periods: 1, prefix: "poison" });
      await expectGrantedOnce(test.sql, { count: sound, periods: 1 });
      expect(await failedUsers(repaired.id)).toBe(0);
      await expectBulkBooksBalanced(test.sql);
    },
    TIMEOUT_MS,
  );

  it("are recorded with the error until the grant succeeds", async () => {
    await fixture.buyLifetime("poison-1", "cs_1", "2026-01-15");
    const repair = await poisonLots(test);
    const run = await fixture.run("2026-02-15");
    const failure = await failureOf("poison-1");
    expect(failure).toMatchObject({
      runId: run.id,
      stage: "grant",
      error: expect.stringContaining("poisoned"),
    });
    const again = await fixture.run("2026-02-15");
    expect(await failureOf("poison-1")).toMatchObject({
      runId: again.id,
      sinceAt: failure?.sinceAt,
    });
    expect(await fixture.schedules("poison-1")).toEqual(["checkout:cs_1 n=1 due 2026-02-15"]);
    await repair();
    await fixture.run("2026-02-16");
    expect(await failureOf("poison-1")).toBeUndefined();
    expect(await fixture.schedules("poison-1")).toEqual(["checkout:cs_1 n=2 due 2026-03-15"]);
  });

  it("are counted once when their expiry fails as well", async () => {
    for (const user of ["poison-1", "poison-2", "sound"]) await fixture.signUp(user, "2026-01-15");
    await poisonLots(test);
    const run = await fixture.run("2026-02-18");
    expect(run).toMatchObject({ usersCount: 3, processedCount: 1, errorCount: 2 });
  });

  it("have no balance from lots whose expiry failed to be booked", async () => {
    await fixture.signUp("poison-1", "2026-01-15");
    await poisonLots(test);
    await fixture.run("2026-06-01");
    const [balance] = await test.sql`
      select available::integer from credits_balance('poison-1', '2026-06-01')`;
    expect(balance).toEqual({ available: 0 });
  });
});

describe("users whose expiry fails", () => {
  it.each(SIZES)(
    "do not stop the others, and are processed by the next run ($poisoned of $users)",
    async ({ users, poisoned }) => {
      const sound = users - poisoned;
      await seedDueUsers(test, { count: users });
      await rename({ every: users / poisoned });
      await fixture.run(today);
      const repair = await poisonExpiry(test);

      const startedMs = performance.now();
      const run = await fixture.run("2026-03-18");
      logDuration(`the expiry of ${poisoned} of ${users} fails`, startedMs);
      expect(run).toMatchObject({ usersCount: users, processedCount: sound, errorCount: poisoned });
      expect(run).toMatchObject({ expiredCount: sound });
      expect(run.lastError).toContain("poisoned");
      await expectGrantedOnce(test.sql, { count: sound, periods: 2 });
      await expectGrantedOnce(test.sql, { count: poisoned, periods: 1, prefix: "poison" });
      expect(await failedUsers(run.id)).toBe(poisoned);
      await expectBulkBooksBalanced(test.sql);

      await repair();
      const repaired = await fixture.run("2026-03-18");
      expect(repaired).toMatchObject({
        usersCount: poisoned,
        errorCount: 0,
        expiredCount: poisoned,
      });
      await expectGrantedOnce(test.sql, { count: poisoned, periods: 2, prefix: "poison" });
      await expectBulkBooksBalanced(test.sql);
    },
    TIMEOUT_MS,
  );
});

function logDuration(what: string, startedMs: number): void {
  if (soaking) console.log(`${what}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
}

/** Renames every nth user to `poison-…`. */
async function rename({ every }: { every: number }): Promise<void> {
  for (const table of ["credit_account", "credit_schedule"])
    await test.ownerSql.unsafe(
      `update ${table} set user_id = replace(user_id, 'user', 'poison')
      where right(user_id, 6)::integer % $1 = 0`,
      [every],
    );
}

async function creditsDueNow() {
  const [due] = await test.sql<{ sound: number; poisoned: number }[]>`
    select sum(credits) filter (where user_id like 'user-%')::integer as sound,
      sum(credits) filter (where user_id like 'poison-%')::integer as poisoned
    from credit_schedule`;
  return due ?? { sound: 0, poisoned: 0 };
}

/** Returns the number of users for whom the run failed. */
function failedUsers(runId: string): Promise<number> {
  return test.db.$count(distributionFailure, eq(distributionFailure.runId, runId));
}

async function failureOf(userId: string) {
  const [failure] = await test.db
    .select()
    .from(distributionFailure)
    .where(eq(distributionFailure.userId, userId));
  return failure;
}
