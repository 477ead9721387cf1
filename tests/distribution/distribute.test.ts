import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { distributeCredits } from "@/credits/distribute";
import { grantLifetimeStart, grantYearlyStart } from "@/credits/grant-allotment";
import { openCreditAccount } from "@/credits/open-credit-account";
import { getBalance, listLots } from "@/credits/queries";
import { monthsAfter } from "@/credits/schedule";
import { spendCredits } from "@/credits/spend-credits";
import { createTestDatabase, type TestDatabase } from "../support/database";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(async () => test.close());

const born = new Date("2026-01-31T10:00:00Z");
const deadline = () => performance.now() + 60_000;

describe("distribution", () => {
  it("gives a new user 120 credits, once, however often it is asked", async () => {
    for (let i = 0; i < 3; i++) {
      await test.db.transaction((tx) => openCreditAccount(tx, { userId: "new", now: born }));
    }
    const balance = await getBalance(test.db, { userId: "new", at: born });
    expect(balance).toMatchObject({ available: 120, held: 0, debt: 0 });
    expect(balance.nextAllotment).toEqual({ credits: 50, dueAt: new Date("2026-02-28T10:00:00Z") });
    const lots = await listLots(test.db, { userId: "new", at: born });
    expect(lots.map((lot) => [lot.type, lot.available])).toEqual([
      ["REGISTER_GIFT", 70],
      ["MONTHLY_REFRESH", 50],
    ]);
  });

  it("grants the current free month, what a lifetime missed, and expires first", async () => {
    await test.db.transaction((tx) => openCreditAccount(tx, { userId: "b", now: born }));
    await test.db.transaction((tx) =>
      grantLifetimeStart(tx, {
        userId: "l",
        sessionId: "cs_1",
        credits: 1000,
        anchorAt: born,
        now: born,
      }),
    );
    await test.db.transaction((tx) =>
      grantYearlyStart(tx, {
        userId: "y",
        invoiceId: "in_1",
        subscriptionId: "sub_1",
        credits: 1000,
        anchorAt: born,
        endsAt: monthsAfter(born, 12),
        now: born,
      }),
    );
    const later = new Date("2026-04-30T10:00:00Z");
    const run = await distributeCredits(test.db, { now: later, deadlineMs: deadline() });
    expect(run).toMatchObject({ status: "done", errorCount: 0 });
    await test.db.transaction((tx) =>
      spendCredits(tx, { userId: "l", key: "x:spend", amount: 10, source: "x", now: later }),
    );
    const again = await distributeCredits(test.db, { now: later, deadlineMs: deadline() });
    expect(again).toMatchObject({ status: "done", usersCount: 0 });
  });
});
