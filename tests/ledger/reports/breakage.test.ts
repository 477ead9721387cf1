import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { spendCredits } from "@/ledger/debit";
import { expireCredits } from "@/ledger/distribution/expire";
import { openCreditAccount } from "@/ledger/grant";
import { breakageOf, countLots, latestLots } from "@/ledger/reports/breakage";
import { lotMonth } from "@/ledger/reports/schema";
import { expectBooksBalanced } from "../../support/books";
import { createTestDatabase, type TestDatabase } from "../../support/database";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
  // 120 credits each. The gift of 70 expires after 30 days, the monthly 50 after a month and 48 hours.
  for (const [userId, joinedAt] of [
    ["ada", "2026-01-10T10:00:00Z"],
    ["li", "2026-02-10T10:00:00Z"],
  ] as const) {
    await test.db.transaction((tx) => openCreditAccount(tx, { userId, now: new Date(joinedAt) }));
  }
  await test.db.transaction((tx) =>
    spendCredits(tx, {
      userId: "ada",
      key: "reading:1:spend",
      source: "reading:1",
      amount: 20,
      now: new Date("2026-01-11T10:00:00Z"),
    }),
  );
});
afterAll(() => test.close());

const lotsAt = (at: string) => latestLots(test.db, { at: new Date(at), months: 3 });

describe("latestLots", () => {
  it("counts an expiry in the month of its grant, booked or not, and never above what was granted", async () => {
    const expected = [
      { month: "2026-02", granted: 120, expired: 0 },
      { month: "2026-01", granted: 120, expired: 100 },
    ];
    expect(await lotsAt("2026-02-20T00:00:00Z")).toEqual(expected);
    const now = new Date("2026-02-20T00:00:00Z");
    await expireCredits(test.db, { runId: null, now, deadlineMs: Number.POSITIVE_INFINITY });
    expect(await lotsAt("2026-02-20T00:00:00Z")).toEqual(expected);
    expect(expected.map(breakageOf)).toEqual([0, 100 / 120]);
    expect(breakageOf({ granted: 0, expired: 0 })).toBeNull();
    await expectBooksBalanced(test.ownerSql);
  });

  it("returns the stored count of a large site", async () => {
    await countLots(test.db, new Date("2026-02-20T00:00:00Z"));
    await countLots(test.db, new Date("2026-02-20T00:00:00Z"));
    expect(await test.db.$count(lotMonth)).toBe(2);
    await test.ownerSql`update lot_month set expired = 1`;
    await test.setRowEstimate("credit_lot", 1_000_000);
    const stored = await lotsAt("2026-02-20T00:00:00Z");
    expect(stored.map(({ expired }) => expired)).toEqual([1, 1]);
  });
});
