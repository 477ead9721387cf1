import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { spendCredits } from "@/ledger/debit";
import { expectBooksBalanced } from "../../../support/books";
import { createTestDatabase, type TestDatabase } from "../../../support/database";
import { at, DistributionFixture } from "../distribution-fixture";
import { installPause, PausedWorker } from "./paused-worker";

let test: TestDatabase;
let fixture: DistributionFixture;
/** A worker that pauses between its snapshot and its locks. */
let paused: PausedWorker;

beforeEach(async () => {
  test = await createTestDatabase();
  fixture = new DistributionFixture(test.db);
  paused = new PausedWorker(test);
});
afterEach(async () => {
  await paused.close();
  await expectBooksBalanced(test.sql);
  await test.close();
});

const pausedRun = (day: string) => new DistributionFixture(paused.db).run(day);

const spend = (userId: string, nth: number, day: string) =>
  fixture.write((tx) =>
    spendCredits(tx, {
      userId,
      key: `reading:${nth}:spend`,
      amount: 10,
      source: `reading:${nth}`,
      now: at(day),
    }),
  );

describe("a batch that is overtaken between its snapshot and its locks", () => {
  beforeEach(async () => {
    for (const user of ["one", "two", "spender"]) await fixture.signUp(user, "2026-01-15");
  });

  it("grants a due user whose spend was committed in between", async () => {
    await installPause(test, "credits_lock_due");
    const run = await paused.during(
      () => pausedRun("2026-02-15"),
      () => spend("spender", 1, "2026-02-15"),
    );
    expect(run).toMatchObject({ status: "done", usersCount: 3, processedCount: 3 });
    expect(run).toMatchObject({ errorCount: 0, grantedCredits: 150 });
    await expectBooksBalanced(test.sql);
    expect(await fixture.schedules("spender")).toEqual(["signup n=2 due 2026-03-15"]);
    await spend("spender", 2, "2026-02-16");
  });

  it("grants and counts no user twice after another worker's whole run", async () => {
    await installPause(test, "credits_lock_due");
    const run = await paused.during(
      () => pausedRun("2026-02-15"),
      () => fixture.run("2026-02-15"),
    );
    expect(run).toMatchObject({ status: "done", usersCount: 3, processedCount: 3 });
    expect(run).toMatchObject({ errorCount: 0, grantedCredits: 150 });
  });

  it("expires a lot whose owner's spend was committed in between", async () => {
    await installPause(test, "credits_lock_expired");
    const run = await paused.during(
      () => pausedRun("2026-02-14T12:00:00Z"),
      // The server's clock is behind, so that the lot is still open afterwards.
      () => spend("spender", 1, "2026-02-13"),
    );
    // 10 of the 70 were spent.
    expect(run).toMatchObject({ status: "done", expiredCount: 3, expiredCredits: 200 });
    await expectBooksBalanced(test.sql);
    await spend("spender", 2, "2026-02-14T13:00:00Z");
  });

  it("does not book an expiry again that a spend has booked", async () => {
    await installPause(test, "credits_lock_expired");
    const run = await paused.during(
      () => pausedRun("2026-02-14T12:00:00Z"),
      () => spend("spender", 1, "2026-02-14T11:00:00Z"),
    );
    expect(run).toMatchObject({ status: "done", expiredCount: 2, expiredCredits: 140 });
  });
});
