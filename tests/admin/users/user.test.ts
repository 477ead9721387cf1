import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PAGE_ROWS } from "@/admin/lists/keyset";
import { ledgerPages } from "@/admin/reports/exports";
import { listOpenHolds, readLedgerPage } from "@/admin/users/user";
import { spendCredits } from "@/ledger/debit";
import { holdCredits } from "@/ledger/hold";
import { expectBooksBalanced } from "../../support/books";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { makeUser } from "../factories";

const createdAt = new Date("2026-03-01T08:00:00Z");
const now = new Date("2026-03-02T08:00:00Z");
let test: TestDatabase;

const spend = (userId: string, key: string, amount: number) =>
  test.db.transaction((tx) =>
    spendCredits(tx, { userId, key: `${key}:spend`, amount, source: key, now }),
  );

beforeAll(async () => {
  test = await createTestDatabase();
  for (const id of ["reader", "spender"]) {
    await makeUser(test.db, { id, createdAt });
  }
});
afterAll(async () => {
  await expectBooksBalanced(test.ownerSql);
  await test.close();
});

describe("readLedgerPage", () => {
  it("returns each debit with the lots it drew on", async () => {
    await spend("reader", "big", 100);
    const { rows } = await readLedgerPage(test.db, {
      userId: "reader",
      type: "USAGE",
      turn: {},
      at: now,
    });
    expect(rows).toHaveLength(1);
    expect(rows[0]?.draws.map((draw) => [draw.lotType, draw.amount])).toEqual([
      ["REGISTER_GIFT", 70],
      ["MONTHLY_REFRESH", 30],
    ]);
  });

  it("pages to the oldest and back, for one type and for all", async () => {
    for (let n = 0; n < PAGE_ROWS + 5; n++) await spend("spender", `s${n}`, 1);
    const spends = { userId: "spender", type: "USAGE", at: now } as const;
    const first = await readLedgerPage(test.db, { ...spends, turn: {} });
    expect([first.rows.length, first.newerAfter]).toEqual([PAGE_ROWS, null]);
    const second = await readLedgerPage(test.db, {
      ...spends,
      turn: { before: first.olderBefore },
    });
    expect(second.rows.map((row) => row.seq)).toEqual([7, 6, 5, 4, 3]);
    expect([second.olderBefore, second.newerAfter]).toEqual([null, 7]);
    const all = { userId: "spender", at: now };
    const middle = await readLedgerPage(test.db, { ...all, turn: { before: 5 } });
    const back = await readLedgerPage(test.db, { ...all, turn: { after: middle.newerAfter } });
    expect(back.rows.at(-1)?.seq).toBe(5);
  });

  it("pages from the oldest entry to the newest and back", async () => {
    const order = "oldest" as const;
    const all = { userId: "spender", at: now };
    const first = await readLedgerPage(test.db, { ...all, turn: { order } });
    expect(first.rows.map((row) => row.seq)).toEqual(
      Array.from({ length: PAGE_ROWS }, (_, n) => n + 1),
    );
    expect([first.olderBefore, first.newerAfter]).toEqual([null, PAGE_ROWS]);
    const next = await readLedgerPage(test.db, { ...all, turn: { order, after: PAGE_ROWS } });
    expect(next.rows.map((row) => row.seq)).toEqual([26, 27, 28, 29, 30, 31, 32]);
    const back = await readLedgerPage(test.db, {
      ...all,
      turn: { order, before: next.olderBefore },
    });
    expect(back.rows).toEqual(first.rows);
  });
});

describe("ledgerPages", () => {
  it("exports the whole ledger, newest first", async () => {
    const lines: (readonly unknown[])[] = [];
    for await (const page of ledgerPages(test.db, { userId: "spender", type: null, at: now })) {
      lines.push(...page);
    }
    expect(lines.map(([seq]) => seq)).toEqual(
      Array.from({ length: PAGE_ROWS + 7 }, (_, n) => PAGE_ROWS + 7 - n),
    );
  });
});

describe("listOpenHolds", () => {
  it("returns the open holds of a user", async () => {
    const expiresAt = new Date("2026-03-02T08:10:00Z");
    await test.db.transaction((tx) =>
      holdCredits(tx, {
        userId: "reader",
        key: "reading:1:hold",
        amount: 10,
        source: "reading:1",
        expiresAt,
        now,
      }),
    );
    expect(await listOpenHolds(test.db, { userId: "reader" })).toMatchObject([
      { amount: 10, expiresAt },
    ]);
  });
});
