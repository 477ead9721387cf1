import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REPORT_EXPORTS } from "@/admin/reports/exports";
import { readMonths } from "@/admin/reports/months";
import { readFlows, readQueues } from "@/admin/reports/overview";
import { readRevenue } from "@/admin/reports/sales";
import type { Transaction } from "@/db/client";
import { outbox, stripeEvent } from "@/db/schema";
import { adjustCredits, refundSpend, spendCredits } from "@/ledger/debit";
import { expireCredits } from "@/ledger/distribution/expire";
import { holdCredits } from "@/ledger/hold";
import { getBalance } from "@/ledger/reads/balance";
import { changeOf } from "@/ledger/reports/flows";
import {
  countOutstanding,
  latestOutstanding,
  outstandingByMonth,
  readOutstanding,
} from "@/ledger/reports/outstanding";
import { revokeCredits } from "@/ledger/reverse";
import { COUNT_LIMIT } from "@/lib/formats";
import { monthStart, wholeDays } from "@/lib/utc-period";
import { expectBooksBalanced } from "../../support/books";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { makePayment, makeUser } from "../factories";

const createdAt = new Date("2026-01-31T23:30:00Z");
const now = new Date("2026-02-10T08:00:00Z");
const USERS = ["idle", "spender", "debtor", "holder"];
let test: TestDatabase;

const write = <T>(work: (tx: Transaction) => Promise<T>) => test.db.transaction(work);

beforeAll(async () => {
  test = await createTestDatabase();
  for (const id of USERS) await makeUser(test.db, { id, createdAt });
  const spent = { userId: "spender", key: "a:spend", amount: 30, source: "a", now };
  const { seq } = await write((tx) => spendCredits(tx, spent));
  await write((tx) =>
    refundSpend(tx, { userId: "spender", key: "a:refund", spendSeq: seq, amount: 10, now }),
  );
  await write((tx) =>
    adjustCredits(tx, { userId: "spender", key: "b", amount: -5, source: "b", now }),
  );
  await write((tx) =>
    revokeCredits(tx, { userId: "debtor", key: "c", amount: 150, source: "c", now }),
  );
  await write((tx) =>
    holdCredits(tx, {
      userId: "holder",
      key: "d:hold",
      amount: 20,
      source: "d",
      now,
      expiresAt: new Date("2026-02-10T08:10:00Z"),
    }),
  );
});
afterAll(async () => {
  await expectBooksBalanced(test.ownerSql);
  await test.close();
});

describe("readOutstanding", () => {
  // The hold lapses at 08:10; the gift and the free month expire on 2 March at 23:30.
  it.each([
    ["while a hold is open", "2026-02-10T08:05:00Z"],
    ["when the hold lapses", "2026-02-10T08:10:00Z"],
    ["long after unbooked expiries", "2026-06-01T00:00:00Z"],
  ])("equals the sum of all balances %s", async (_, instant) => {
    const at = new Date(instant);
    const sum = { available: 0, held: 0, debt: 0 };
    const lots = new Map<string, number>();
    for (const userId of USERS) {
      const balance = await getBalance(test.db, { userId, at });
      sum.available += balance.available + balance.debt;
      sum.held += balance.held;
      sum.debt += balance.debt;
      const lotsLeft = await test.sql<{ type: string; available: number }[]>`
        select l.type, a.available::int from credits_lots_at(${userId}, ${at}) a
        join credit_lot l on l.user_id = ${userId} and l.seq = a.seq where a.available > 0`;
      for (const { type, available } of lotsLeft) lots.set(type, (lots.get(type) ?? 0) + available);
    }
    const { byType, ...outstanding } = await readOutstanding(test.db, at);
    expect(outstanding).toEqual(sum);
    expect(new Map(byType.map(({ type, available }) => [type, available]))).toEqual(lots);
  });
});

describe("latestOutstanding", () => {
  const at = new Date("2026-02-10T08:05:00Z");
  const setUserEstimate = (users: number) => test.setRowEstimate("credit_account", users);

  it("counts at the given instant while there are few users", async () => {
    await countOutstanding(test.db, new Date("2026-02-10T08:01:00Z"));
    const counted = { ...(await readOutstanding(test.db, at)), countedAt: at };
    expect(await latestOutstanding(test.db, at)).toEqual(counted);
  });

  it("returns the last count if there are many users", async () => {
    await setUserEstimate(1_000_000);
    const before = new Date("2026-02-10T08:02:00Z");
    const counted = await countOutstanding(test.db, before);
    expect(await latestOutstanding(test.db, at)).toMatchObject({ ...counted, countedAt: before });
    await setUserEstimate(4);
  });

  it("keeps the last count of each month", async () => {
    const first = await countOutstanding(test.db, new Date("2026-03-01T02:00:00Z"));
    const last = await countOutstanding(test.db, new Date("2026-03-31T02:00:00Z"));
    expect(first).not.toEqual(last);
    expect(await outstandingByMonth(test.db, new Date("2026-02-01"))).toEqual([
      { ...last, countedAt: new Date("2026-03-31T02:00:00Z") },
      expect.objectContaining({ countedAt: new Date("2026-02-10T08:02:00Z") }),
    ]);
    expect(await outstandingByMonth(test.db, new Date("2026-03-01"))).toHaveLength(1);
  });
});

describe("readFlows", () => {
  it("sums grants, spends, expiries and revocations, and adds up to the books", async () => {
    const period = wholeDays(now, 11);
    expect(period).toEqual({ from: new Date("2026-01-31"), to: new Date("2026-02-11") });
    const flows = await readFlows(test.db, { period, at: now });
    expect(flows).toEqual({
      granted: 480,
      added: 0,
      spent: 20,
      expired: 0,
      revoked: 150,
      deducted: 5,
    });
    const [books] = await test.ownerSql`select sum(amount)::int as sum from credit_transaction`;
    expect(changeOf(flows)).toBe(books?.sum);
  });

  it("returns the same figures, like every report, before and after expiries are booked", async () => {
    const at = new Date("2026-06-01T00:00:00Z");
    const march = { from: new Date("2026-03-01"), to: new Date("2026-04-01") };
    const period = { at, months: 6 };
    const read = async () => ({
      march: await readFlows(test.db, { period: march, at }),
      june: await readFlows(test.db, { period: wholeDays(at, 1), at }),
      months: await readMonths(test.db, period),
      usage: await linesOf(REPORT_EXPORTS.usage.pages(test.db, period)),
      books: await linesOf(REPORT_EXPORTS.books.pages(test.db, period)),
      outstanding: await readOutstanding(test.db, at),
    });
    const before = await read();
    expect(before.march.expired).toBeGreaterThan(0);
    expect(before.june.expired).toBe(0);
    expect(await test.sql`select from credit_transaction where type = 'EXPIRE'`).toHaveLength(0);
    await expireCredits(test.db, {
      runId: null,
      now: at,
      deadlineMs: performance.now() + 30_000,
    });
    expect(await read()).toEqual(before);
  });
});

describe("readMonths", () => {
  it("adds each month's flows to the outstanding credits of the month before", async () => {
    const at = new Date("2026-06-01T00:00:00Z");
    for (const months of [1, 3, 6]) {
      const reports = await readMonths(test.db, { at, months });
      const { available, held, debt } = await readOutstanding(test.db, at);
      expect(reports[0]?.outstanding).toBe(available + held - debt);
      reports.forEach(({ flows, outstanding }, nth) => {
        const before = reports[nth + 1]?.outstanding;
        if (before !== undefined) expect(before + changeOf(flows)).toBe(outstanding);
      });
    }
  });

  it("returns the outstanding credits at the end of each month", async () => {
    const [, , , , february] = await readMonths(test.db, { at: new Date("2026-06-01"), months: 6 });
    expect(february?.month).toBe("2026-02");
    let held = 0;
    for (const userId of USERS) {
      const balance = await getBalance(test.db, { userId, at: new Date("2026-02-28T23:59:59Z") });
      held += balance.available + balance.held;
    }
    expect(february?.outstanding).toBe(held);
  });
});

const linesOf = async (pages: AsyncGenerator<readonly (readonly unknown[])[]>) => {
  const lines = [];
  for await (const page of pages) lines.push(...page);
  return lines;
};

describe("REPORT_EXPORTS.usage", () => {
  it("groups by UTC month, newest first, like readMonths", async () => {
    const period = { at: new Date("2026-03-15"), months: 3 };
    const reports = await readMonths(test.db, period);
    expect(reports.map((report) => report.month)).toEqual(["2026-03", "2026-02", "2026-01"]);
    expect(reports[2]?.totals).toEqual([
      { type: "REGISTER_GIFT", transactions: 4, creditsIn: 280, creditsOut: 0 },
      { type: "MONTHLY_REFRESH", transactions: 4, creditsIn: 200, creditsOut: 0 },
    ]);
    const lines = await linesOf(REPORT_EXPORTS.usage.pages(test.db, period));
    expect(lines).toContainEqual(["2026-02", "USAGE", 1, 0, -30, -30]);
    expect(lines).toHaveLength(reports.reduce((sum, { totals }) => sum + totals.length, 0));
  });
});

describe("readRevenue", () => {
  it("sums payments by currency over [from, to)", async () => {
    const paid = (id: string, paidAt: string, amountCents: number, currency = "usd") =>
      makePayment(test.db, {
        userId: "idle",
        id,
        paidAt: new Date(paidAt),
        amountCents,
        currency,
        refundedCents: id === "b" ? 100 : 0,
        disputedCents: id === "b" ? 40 : 0,
      });
    await paid("a", "2026-02-01T00:00:00Z", 990);
    await paid("b", "2026-02-28T23:59:59Z", 1490);
    await paid("c", "2026-03-01T00:00:00Z", 5990);
    await paid("d", "2026-02-14T00:00:00Z", 700, "eur");
    const february = { from: new Date("2026-02-01"), to: new Date("2026-03-01") };
    expect(await readRevenue(test.db, february)).toEqual([
      { currency: "usd", payments: 2, amountCents: 2480, refundedCents: 100, disputedCents: 40 },
      { currency: "eur", payments: 1, amountCents: 700, refundedCents: 0, disputedCents: 0 },
    ]);
  });
});

describe("readQueues", () => {
  it("counts pending and dead entries", async () => {
    const event = { type: "x", livemode: false, payload: {}, createdAt: now, receivedAt: now };
    await test.db.insert(stripeEvent).values([
      { ...event, id: "e1", status: "dead" },
      { ...event, id: "e2", status: "pending" },
      { ...event, id: "e3", status: "handled" },
    ]);
    const entry = { payload: {}, createdAt: now, nextAttemptAt: now };
    await test.db.insert(outbox).values([
      { ...entry, kind: "email", idempotencyKey: "1" },
      { ...entry, kind: "stripe", idempotencyKey: "2", status: "dead" },
      { ...entry, kind: "email", idempotencyKey: "3", status: "done" },
    ]);
    expect(await readQueues(test.db)).toEqual({
      deadEvents: 1,
      pendingEvents: 1,
      deadOutbox: 1,
      pendingEmails: 1,
      pendingCalls: 0,
    });
  });

  it("stops counting above COUNT_LIMIT", async () => {
    await test.ownerSql`
      insert into outbox (kind, idempotency_key, payload, created_at, next_attempt_at)
      select 'email', 'long:' || n, '{}', ${now}, ${now} from generate_series(1, ${COUNT_LIMIT + 50}::int) n`;
    expect(await readQueues(test.db)).toMatchObject({ pendingEmails: COUNT_LIMIT + 1 });
  });
});

describe("monthStart", () => {
  it("finds the first of a month across the turn of the year", () => {
    expect(monthStart(new Date("2026-01-31T23:59:59Z"), -1)).toEqual(new Date("2025-12-01"));
  });
});
