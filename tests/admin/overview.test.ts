import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { usagePages } from "@/admin/exports";
import { readFlows, readQueues, readRevenue } from "@/admin/overview";
import { monthStart, reportMonths } from "@/admin/reports";
import { adjustCredits } from "@/credits/adjust-credits";
import { expireCredits } from "@/credits/expire";
import { holdCredits } from "@/credits/hold-credits";
import { countOutstanding, latestOutstanding, readOutstanding } from "@/credits/outstanding";
import { getBalance } from "@/credits/queries";
import { refundSpend } from "@/credits/refund-spend";
import { revokeCredits } from "@/credits/revoke-credits";
import { spendCredits } from "@/credits/spend-credits";
import type { Transaction } from "@/db/client";
import { outbox, stripeEvent } from "@/db/schema";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { makePayment, makeUser } from "./people";

const born = new Date("2026-01-31T23:30:00Z");
const now = new Date("2026-02-10T08:00:00Z");
const PEOPLE = ["idle", "spender", "debtor", "holder"];
let test: TestDatabase;

const write = <T>(work: (tx: Transaction) => Promise<T>) => test.db.transaction(work);

beforeAll(async () => {
  test = await createTestDatabase();
  for (const id of PEOPLE) await makeUser(test.db, { id, createdAt: born });
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
      ...{ userId: "holder", key: "d:hold", amount: 20, source: "d", now },
      expiresAt: new Date("2026-02-10T08:10:00Z"),
    }),
  );
});
afterAll(async () => {
  await expectBooksBalanced(test.ownerSql);
  await test.close();
});

describe("the outstanding credits", () => {
  // Around the hold's lapse, the gift's expiry (2 Mar 23:30) and the free month's (2 Mar 23:30).
  it.each([
    ["while a hold is open", "2026-02-10T08:05:00Z"],
    ["at the instant it lapses", "2026-02-10T08:10:00Z"],
    ["long after everything expired, unbooked", "2026-06-01T00:00:00Z"],
  ])("are the sum of every user's balance %s", async (_, instant) => {
    const at = new Date(instant);
    const sum = { available: 0, held: 0, debt: 0 };
    for (const userId of PEOPLE) {
      const balance = await getBalance(test.db, { userId, at });
      sum.available += balance.available + balance.debt;
      sum.held += balance.held;
      sum.debt += balance.debt;
    }
    expect(await readOutstanding(test.db, at)).toEqual(sum);
  });
});

describe("the outstanding credits that a page shows", () => {
  const at = new Date("2026-02-10T08:05:00Z");
  const pretendUsers = (users: number) =>
    test.ownerSql`select pg_restore_relation_stats('schemaname', 'public', 'relname', 'credit_account',
      'reltuples', ${users}::real)`;

  it("are counted at once while there are few users", async () => {
    await countOutstanding(test.db, new Date("2026-02-10T08:01:00Z"));
    const counted = { ...(await readOutstanding(test.db, at)), countedAt: at };
    expect(await latestOutstanding(test.db, at)).toEqual(counted);
  });

  it("are what was counted last when there are many", async () => {
    await pretendUsers(1_000_000);
    const before = new Date("2026-02-10T08:02:00Z");
    const counted = await countOutstanding(test.db, before);
    expect(await latestOutstanding(test.db, at)).toMatchObject({ ...counted, countedAt: before });
    await pretendUsers(4);
  });
});

describe("flows", () => {
  it("count what was granted, spent, expired and taken back, and add up to the books", async () => {
    const flows = await readFlows(test.db, { from: born, to: new Date("2026-02-11") });
    expect(flows).toEqual({ granted: 480, spent: 20, expired: 0, takenBack: 155 });
    const [books] = await test.ownerSql`select sum(amount)::int as sum from credit_transaction`;
    expect(flows.granted - flows.spent - flows.expired - flows.takenBack).toBe(books?.sum);
  });

  it("count an expiry in the month it happened, however late it was booked", async () => {
    await expireCredits(test.db, {
      ...{ runId: null, now: new Date("2026-06-01"), deadlineMs: performance.now() + 30_000 },
    });
    const june = { from: new Date("2026-06-01"), to: new Date("2026-07-01") };
    expect(await readFlows(test.db, june)).toMatchObject({ expired: 0 });
    const march = { from: new Date("2026-03-01"), to: new Date("2026-04-01") };
    expect((await readFlows(test.db, march)).expired).toBeGreaterThan(0);
  });
});

describe("the report by type and month", () => {
  it("goes by UTC months, newest first, and says the same as its CSV", async () => {
    const period = { at: new Date("2026-03-15"), months: 3 };
    const reports = [];
    for await (const report of reportMonths(test.db, period)) reports.push(report);
    expect(reports.map((report) => report.month)).toEqual(["2026-03", "2026-02", "2026-01"]);
    expect(reports[2]?.totals).toEqual([
      { type: "REGISTER_GIFT", transactions: 4, creditsIn: 280, creditsOut: 0 },
      { type: "MONTHLY_REFRESH", transactions: 4, creditsIn: 200, creditsOut: 0 },
    ]);
    const lines = [];
    for await (const page of usagePages(test.db, period)) lines.push(...page);
    expect(lines).toContainEqual(["2026-02", "USAGE", 1, 0, -30, -30]);
    expect(lines).toHaveLength(reports.reduce((sum, { totals }) => sum + totals.length, 0));
  });

  it("finds the first of a month across a year's end", () => {
    expect(monthStart(new Date("2026-01-31T23:59:59Z"), -1)).toEqual(new Date("2025-12-01"));
  });
});

describe("revenue", () => {
  it("is summed a currency each, over [from, to)", async () => {
    const paid = (id: string, paidAt: string, amountCents: number, currency = "usd") =>
      makePayment(test.db, {
        ...{ userId: "idle", id, paidAt: new Date(paidAt), amountCents, currency },
        refundedCents: id === "b" ? 100 : 0,
      });
    await paid("a", "2026-02-01T00:00:00Z", 990);
    await paid("b", "2026-02-28T23:59:59Z", 1490);
    await paid("c", "2026-03-01T00:00:00Z", 5990);
    await paid("d", "2026-02-14T00:00:00Z", 700, "eur");
    const february = { from: new Date("2026-02-01"), to: new Date("2026-03-01") };
    expect(await readRevenue(test.db, february)).toEqual([
      { currency: "usd", payments: 2, amountCents: 2480, refundedCents: 100 },
      { currency: "eur", payments: 1, amountCents: 700, refundedCents: 0 },
    ]);
  });
});

describe("queues", () => {
  it("count what waits and what was given up", async () => {
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
      ...{ deadEvents: 1, pendingEvents: 1, deadOutbox: 1, pendingEmails: 1, pendingCalls: 0 },
    });
  });
});
