import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { writeCredits } from "./calls";

const USER = "user_1";
const on = (day: string) => new Date(`${day}T12:00:00Z`);

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

describe("restoreCredits", () => {
  it("names the reversed purchase even if the credits were taken from another one, whose lot has expired", async () => {
    const lot = { type: "PURCHASE_PACKAGE", paid: true, amount: 100 } as const;
    const calls: Parameters<typeof writeCredits>[2][] = [
      {
        write: "grant",
        input: { ...lot, key: "a", source: "checkout:a", expiresAt: null, now: on("2026-03-01") },
      },
      {
        write: "spend",
        input: { key: "s", amount: 100, source: "reading:1", now: on("2026-03-02") },
      },
      {
        write: "grant",
        input: {
          ...lot,
          key: "b",
          source: "checkout:b",
          expiresAt: on("2026-03-31"),
          now: on("2026-03-03"),
        },
      },
      {
        write: "revoke",
        input: { key: "v", amount: 60, source: "checkout:a", now: on("2026-03-21") },
      },
      { write: "restore", input: { revokeSeq: 4, key: "r", now: on("2026-05-01") } },
    ];
    for (const call of calls) await database.db.transaction((tx) => writeCredits(tx, USER, call));
    const [restored] = await database.sql<
      { source: string; lot_source: string; amount: string; expires_at: Date }[]
    >`
      select t.source, l.source as lot_source, t.amount, l.expires_at
      from credit_transaction t join credit_lot l on l.user_id = t.user_id and l.seq = t.seq
      where t.user_id = ${USER} and t.type = 'RESTORE'`;
    expect(restored).toEqual({
      source: "checkout:a",
      lot_source: "checkout:b",
      amount: "60",
      expires_at: on("2026-05-11"),
    });
  });
});
