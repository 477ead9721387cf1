import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { listFailures } from "@/admin/distribution/failures";
import { runsQuery } from "@/admin/distribution/runs";
import { distributeToUser } from "@/ledger/distribution/distribute";
import { expireCredits } from "@/ledger/distribution/expire";
import { endAllSchedules } from "@/ledger/schedules";
import { expectBooksBalanced } from "../../support/books";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { at, DistributionFixture } from "./distribution-fixture";
import { poisonExpiry, poisonLots } from "./poison";

let test: TestDatabase;
let fixture: DistributionFixture;

beforeEach(async () => {
  test = await createTestDatabase();
  fixture = new DistributionFixture(test.db);
});
afterEach(async () => {
  await expectBooksBalanced(test.sql);
  await test.close();
});

const failing = async () => (await listFailures(test.db, {})).rows.map(shownFailure);
const shownFailure = ({ userId, stage, error }: { userId: string; stage: string; error: string }) =>
  `${userId} ${stage} ${error.includes("poisoned") ? "poisoned" : error}`;
const sweep = (day: string) =>
  expireCredits(test.db, { runId: null, now: at(day), deadlineMs: Infinity });

describe("a user whose expiry fails", () => {
  let repair: () => Promise<void>;

  // The sign-up credits expire on 2 March, when no allotment is due.
  beforeEach(async () => {
    for (const user of ["poison-1", "sound"]) {
      await fixture.signUp(user, "2026-01-31");
      await fixture.run("2026-02-28");
    }
    repair = await poisonExpiry(test);
  });

  it("does not stop the others, is counted once, listed, and retried by the next run", async () => {
    const run = await fixture.run("2026-03-05");
    expect(run).toMatchObject({ status: "done", usersCount: 2, processedCount: 1, errorCount: 1 });
    expect(run).toMatchObject({ expiredCount: 2, expiredCredits: 120 });
    expect(run.lastError).toContain("poisoned");
    expect(await failing()).toEqual(["poison-1 expiry poisoned"]);

    expect(await fixture.run("2026-03-06")).toMatchObject({ usersCount: 1, errorCount: 1 });
    await repair();
    const repaired = await fixture.run("2026-03-07");
    expect(repaired).toMatchObject({ usersCount: 1, processedCount: 1, errorCount: 0 });
    expect(repaired).toMatchObject({ expiredCount: 2, expiredCredits: 120 });
    expect(await failing()).toEqual([]);
  });

  it("is recorded by a sweep and retried by the next run", async () => {
    expect(await sweep("2026-03-05")).toMatchObject({
      outcome: "drained",
      failures: 1,
      lastError: expect.stringContaining("poisoned"),
    });
    expect(await failing()).toEqual(["poison-1 expiry poisoned"]);
    expect(await sweep("2026-03-06")).toMatchObject({ outcome: "drained", failures: 0 });
    expect(await fixture.run("2026-03-07")).toMatchObject({ usersCount: 1, errorCount: 1 });
  });

  it("is processed by an admin's retry after the cause is fixed", async () => {
    await fixture.run("2026-03-05");
    await repair();
    const retry = { userId: "poison-1", now: at("2026-03-06") };
    expect(await fixture.write((tx) => distributeToUser(tx, retry))).toEqual({
      allotments: 0,
      credits: 0,
    });
    expect(await failing()).toEqual([]);
  });

  it("is counted once when an allotment is due as well", async () => {
    const run = await fixture.run("2026-04-05");
    expect(run).toMatchObject({ usersCount: 2, processedCount: 1, errorCount: 1 });
    // The run skips a user after the first failure.
    expect(await failing()).toEqual(["poison-1 expiry poisoned"]);
  });
});

describe("a distribution failure", () => {
  it("is not recorded for a period that is already booked; the schedule advances", async () => {
    await fixture.buyLifetime("twice", "cs_twice", "2026-01-31");
    await fixture.run("2026-03-31");
    await test.ownerSql`update credit_schedule set next_n = 1, next_due_at = ${at("2026-02-28")}
    where user_id = 'twice'`;
    const run = await fixture.run("2026-04-30");
    expect(run).toMatchObject({ usersCount: 1, errorCount: 0, grantedCredits: 1000 });
    expect(await fixture.schedules("twice")).toEqual(["checkout:cs_twice n=4 due 2026-05-31"]);
    expect(await fixture.lots("twice")).toHaveLength(4);
  });

  it("is removed when nothing is due any more", async () => {
    await fixture.buyLifetime("poison-1", "cs_1", "2026-01-15");
    await poisonLots(test);
    await fixture.run("2026-02-15");
    expect(await failing()).toEqual(["poison-1 grant poisoned"]);
    const end = { userId: "poison-1", endsAt: at("2026-01-15") };
    await fixture.write((tx) => endAllSchedules(tx, end));
    await fixture.run("2026-02-16");
    expect(await failing()).toEqual([]);
  });

  it("is listed ten per page, latest first, with the total", async () => {
    await test.ownerSql`insert into distribution_failure (user_id, stage, error, since_at, failed_at)
    select 'user-' || lpad(n::text, 2, '0'), 'grant', 'a reason', since, since
    from generate_series(1, 23) n, lateral (select ${at("2026-03-01")}::timestamptz + n / 2 * interval '1 hour') t (since)`;
    const seen: string[] = [];
    let turn = runsQuery.parse({});
    for (let page = 1; page <= 3; page += 1) {
      const { rows, count, older } = await listFailures(test.db, { older: turn.failingOlder });
      expect(count).toBe(23);
      seen.push(...rows.map(({ userId }) => userId));
      turn = runsQuery.parse({ failingOlder: older ?? "" });
    }
    expect(seen).toEqual(
      Array.from({ length: 23 }, (_, i) => `user-${String(23 - i).padStart(2, "0")}`),
    );
  });
});
