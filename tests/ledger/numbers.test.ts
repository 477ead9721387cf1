import { addDays } from "date-fns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Transaction } from "@/db/client";
import { refundSpend, spendCredits } from "@/ledger/debit";
import { grantCredits } from "@/ledger/grant";
import { captureHold, holdCredits } from "@/ledger/hold";
import { restoreCredits, revokeCredits } from "@/ledger/reverse";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";

const now = new Date("2026-03-01T12:00:00Z");
const USERS = ["ada", "ben"];

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

type Write = (tx: Transaction, userId: string) => Promise<unknown>;

/** Two lots of 10; then debits of both lots, a revocation that makes debt, and its settlements. */
const WRITES: readonly Write[] = [
  (tx, userId) => grant(tx, userId, "one"),
  (tx, userId) => grant(tx, userId, "two"),
  (tx, userId) => spendCredits(tx, { userId, key: "spend", amount: 12, source: "test", now }),
  (tx, userId) => refundSpend(tx, { userId, spendSeq: 3, key: "refund", now }),
  (tx, userId) =>
    holdCredits(tx, {
      userId,
      key: "hold",
      amount: 15,
      source: "test",
      expiresAt: addDays(now, 1),
      now,
    }),
  (tx, userId) => captureHold(tx, { userId, holdKey: "hold", key: "capture", amount: 14, now }),
  (tx, userId) => revokeCredits(tx, { userId, key: "revoke", amount: 20, source: "one", now }),
  (tx, userId) => grant(tx, userId, "three"),
  (tx, userId) => restoreCredits(tx, { userId, revokeSeq: 6, key: "restore", now }),
];

describe("the allocations and settlements of a user", () => {
  it("are numbered 1, 2, 3 and so on, whatever other users book", async () => {
    for (const write of WRITES)
      for (const userId of USERS) await database.db.transaction((tx) => write(tx, userId));
    for (const userId of USERS) {
      const [found] = await database.sql`
        select last_allocation::int as allocations, last_settlement::int as settlements,
          (select array_agg(number::int order by number) from credit_allocation
            where user_id = ${userId}) as allocated,
          (select array_agg(number::int order by number) from credit_settlement
            where user_id = ${userId}) as settled
        from credit_account where user_id = ${userId}`;
      const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);
      expect(found, userId).toEqual({
        allocations: 11,
        settlements: 2,
        allocated: upTo(11),
        settled: upTo(2),
      });
    }
  });
});

function grant(tx: Transaction, userId: string, source: string) {
  return grantCredits(tx, {
    userId,
    key: `grant:${source}`,
    amount: 10,
    type: "ADMIN_ADJUST",
    source,
    expiresAt: null,
    paid: false,
    now,
  });
}
