import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ledgerCsv } from "@/accounts/ledger-export";
import { ledgerPages } from "@/admin/reports/exports";
import { readLedgerPage } from "@/admin/users/user";
import { expireCredits } from "@/ledger/distribution/expire";
import { getBalance, listLots } from "@/ledger/reads/balance";
import { getLotHistories } from "@/ledger/reads/lot-history";
import { type LedgerFilter, searchLedger } from "@/ledger/reads/search";
import type { CsvCell } from "@/lib/download";
import { expectBooksBalanced } from "../../support/books";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { LedgerFixture } from "./ledger-fixture";

const EXPIRES = "2026-03-01T00:00:00.000Z";
const before = new Date(Date.parse(EXPIRES) - 1);
const after = new Date(EXPIRES);
let database: TestDatabase;
let fixture: LedgerFixture;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

/** Entry 1: 70 that expire. Entry 2: 50 without an expiry. Entry 3: a spend of 30 from the first. */
beforeEach(async () => {
  fixture = new LedgerFixture(database.db);
  await fixture.grant("2026-02-01T00:00:00Z", 70, EXPIRES);
  await fixture.grant("2026-02-02T00:00:00Z", 50);
  await fixture.spend("2026-02-03T00:00:00Z", 30, "reading:a");
});

const pageAt = (at: Date, filter: LedgerFilter = {}, turn = {}, limit = 10) =>
  searchLedger(database.db, { userId: fixture.userId, filter, turn, limit, at });

/** Returns the balance of every page and export at an instant. */
async function balancesShown(at: Date) {
  const { userId } = fixture;
  const [balance, lots, ledger, adminLedger] = await Promise.all([
    getBalance(database.db, { userId, at }),
    listLots(database.db, { userId, at }),
    pageAt(at),
    readLedgerPage(database.db, { userId, turn: {}, at }),
  ]);
  const csv = await ledgerCsv(database.db, { userId, filter: {}, locale: "en", at, pageSize: 1 });
  const [ownNewest] = await allOf(csv.pages);
  const [adminsNewest] = await allOf(ledgerPages(database.db, { userId, type: null, at }));
  return {
    balance: balance.available,
    lots: lots.reduce((sum, lot) => sum + lot.available, 0),
    ledger: ledger.rows[0]?.balanceAfter,
    adminLedger: adminLedger.rows[0]?.balanceAfter,
    csv: ownNewest?.[5],
    adminCsv: adminsNewest?.[3],
  };
}

const allBalances = (credits: number) => ({
  balance: credits,
  lots: credits,
  ledger: credits,
  adminLedger: credits,
  csv: credits,
  adminCsv: credits,
});

async function allOf(pages: AsyncIterable<readonly (readonly CsvCell[])[]>) {
  const rows: (readonly CsvCell[])[] = [];
  for await (const page of pages) rows.push(...page);
  return rows;
}

describe("a lot that expires", () => {
  it("counts everywhere and can be spent until a millisecond before its expiry", async () => {
    expect(await balancesShown(before)).toEqual(allBalances(90));
    await fixture.spend(before.toISOString(), 90);
    expect(await balancesShown(before)).toEqual(allBalances(0));
  });

  it("counts nowhere from its expiry on, although no job has booked it", async () => {
    expect(await balancesShown(after)).toEqual(allBalances(50));
    await expect(fixture.spend(EXPIRES, 51)).rejects.toMatchObject({
      details: { required: 51, available: 50 },
    });
    expect(await balancesShown(after)).toEqual(allBalances(50));
    await fixture.spend(EXPIRES, 50);
    expect(await balancesShown(after)).toEqual(allBalances(0));
  });

  it("appears before the newest entry as it will be booked, without a booking instant", async () => {
    const pending = await pageAt(after);
    expect(
      pending.rows.map(({ seq, type, amount, bookedAt }) => [seq, type, amount, bookedAt]),
    ).toEqual([
      [4, "EXPIRE", -40, null],
      [3, "USAGE", -30, new Date("2026-02-03T00:00:00Z")],
      [2, "REGISTER_GIFT", 50, new Date("2026-02-02T00:00:00Z")],
      [1, "REGISTER_GIFT", 70, new Date("2026-02-01T00:00:00Z")],
    ]);
    await expireCredits(database.db, { runId: null, now: after, deadlineMs: Infinity });
    const booked = await pageAt(after);
    expect(booked.rows.map((row) => ({ ...row, bookedAt: null }))).toMatchObject(
      pending.rows.map((row) => ({ ...row, bookedAt: null })),
    );
    expect(booked.rows[0]?.bookedAt).toEqual(after);
  });

  it("is marked as not booked in the exports, once and first", async () => {
    const { userId } = fixture;
    const csv = await ledgerCsv(database.db, {
      userId,
      filter: {},
      locale: "en",
      at: after,
      pageSize: 2,
    });
    const rows = await allOf(csv.pages);
    expect(rows[0]).toEqual([4, "not booked yet", after, "Expired", -40, 50, "signup"]);
    expect(rows.map(([seq]) => seq)).toEqual([4, 3, 2, 1]);
    const [newest] = await allOf(ledgerPages(database.db, { userId, type: null, at: after }));
    expect(newest?.slice(6)).toEqual([null, after]);
  });

  it("matches exactly the filters that match it once booked", async () => {
    const numbers = async (filter: LedgerFilter) =>
      (await pageAt(after, filter)).rows.map((row) => row.seq);
    expect(await numbers({ type: "EXPIRE" })).toEqual([4]);
    expect(await numbers({ type: "USAGE" })).toEqual([3]);
    expect(await numbers({ text: "SIGN" })).toEqual([4, 2, 1]);
    expect(await numbers({ text: "4" })).toEqual([4]);
    expect(await numbers({ to: after })).toEqual([3, 2, 1]);
    expect(await numbers({ from: after })).toEqual([4]);
  });

  it("appears only on the newest page, in both orders and directions", async () => {
    const numbers = async (turn: object) =>
      (await pageAt(after, {}, turn, 2)).rows.map((row) => row.seq);
    expect(await numbers({})).toEqual([4, 3, 2]);
    expect(await numbers({ before: 2 })).toEqual([1]);
    expect(await numbers({ after: 1 })).toEqual([4, 3, 2]);
    expect(await numbers({ order: "oldest" })).toEqual([1, 2]);
    expect(await numbers({ order: "oldest", after: 2 })).toEqual([3, 4]);
  });

  it("appears in its lot's history before it is booked", async () => {
    const histories = await getLotHistories(database.db, {
      userId: fixture.userId,
      lotSeqs: [1],
      at: after,
    });
    expect(histories.get(1)?.parts).toMatchObject([
      { what: "EXPIRE", amount: 40, at: after, booked: false },
      { what: "USAGE", amount: 30, seq: 3, booked: true },
    ]);
  });
});
