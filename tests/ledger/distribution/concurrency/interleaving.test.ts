import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { spendCredits } from "@/ledger/debit";
import { expectBooksBalanced } from "../../../support/books";
import { createTestDatabase, type TestDatabase } from "../../../support/database";
import { at, DistributionFixture } from "../distribution-fixture";
import { makeSlow, Slow } from "./paused-worker";

let test: TestDatabase;
/** Everybody else. */
let fixture: DistributionFixture;
/** The worker that others overtake between its snapshot and its locks. */
let slow: Slow;

beforeEach(async () => {
  test = await createTestDatabase();
  fixture = new DistributionFixture(test.db);
  slow = new Slow(test);
});
afterEach(async () => {
  await slow.close();
  await expectBooksBalanced(test.sql);
  await test.close();
});

const slowRun = (day: string) => new DistributionFixture(slow.db).run(day);

const spend = (userId: string, nth: number, day: string) =>
  fixture.write((tx) =>
    spendCredits(tx, {
      ...{ userId, key: `reading:${nth}:spend`, amount: 10, source: `reading:${nth}` },
      now: at(day),
    }),
  );

describe("what is committed between a batch's snapshot and its locks", () => {
  beforeEach(async () => {
    for (const user of ["one", "two", "spender"]) await fixture.signUp(user, "2026-01-15");
  });

  it("is a spend of somebody who is due: granted all the same, and the books balance", async () => {
    await makeSlow(test, "credits_lock_due");
    const run = await slow.during(
      () => slowRun("2026-02-15"),
      () => spend("spender", 1, "2026-02-15"),
    );
    expect(run).toMatchObject({ status: "done", usersCount: 3, processedCount: 3 });
    expect(run).toMatchObject({ errorCount: 0, grantedCredits: 150 });
    await expectBooksBalanced(test.sql);
    expect(await fixture.schedules("spender")).toEqual(["signup n=2 due 2026-03-15"]);
    await spend("spender", 2, "2026-02-16");
  });

  it("is the whole run of another worker: nobody is granted twice or counted twice", async () => {
    await makeSlow(test, "credits_lock_due");
    const run = await slow.during(
      () => slowRun("2026-02-15"),
      () => fixture.run("2026-02-15"),
    );
    expect(run).toMatchObject({ status: "done", usersCount: 3, processedCount: 3 });
    expect(run).toMatchObject({ errorCount: 0, grantedCredits: 150 });
  });

  it("is a booking of an expired lot's owner: the lot expires all the same", async () => {
    await makeSlow(test, "credits_lock_expired");
    const run = await slow.during(
      () => slowRun("2026-02-14T12:00:00Z"),
      // By a server whose clock is behind, so that the lot is still open after it.
      () => spend("spender", 1, "2026-02-13"),
    );
    // 10 of the 70 were spent.
    expect(run).toMatchObject({ status: "done", expiredCount: 3, expiredCredits: 200 });
    await expectBooksBalanced(test.sql);
    await spend("spender", 2, "2026-02-14T13:00:00Z");
  });

  it("is the expiry itself, booked by a spend: it is not booked again", async () => {
    await makeSlow(test, "credits_lock_expired");
    const run = await slow.during(
      () => slowRun("2026-02-14T12:00:00Z"),
      () => spend("spender", 1, "2026-02-14T11:00:00Z"),
    );
    expect(run).toMatchObject({ status: "done", expiredCount: 2, expiredCredits: 140 });
  });
});
