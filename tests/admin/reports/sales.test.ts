import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { REPORT_EXPORTS } from "@/admin/reports/exports";
import { readSales } from "@/admin/reports/sales";
import { countMembers, latestMembers, readMembers } from "@/billing/subscriptions/membership";
import { monthName, monthStart } from "@/lib/utc-period";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { makePayment } from "../factories";

const period = { at: new Date("2026-03-15T00:00:00Z"), months: 3 };
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  const member = (userId: string, id: string, from: string, until: string) =>
    makePayment(test.db, {
      userId,
      id,
      paidAt: new Date(from),
      memberFromAt: new Date(from),
      memberUntilAt: new Date(until),
    });
  await member("old", "invoice:1", "2025-06-01T00:00:00Z", "2026-02-01T00:00:00Z");
  await member("new", "invoice:2", "2026-02-10T00:00:00Z", "2026-03-10T00:00:00Z");
  await member("new", "invoice:3", "2026-03-10T00:00:00Z", "2026-04-10T00:00:00Z");
  const pack = { item: "pack-basic", amountCents: 990, credits: 100 };
  await makePayment(test.db, {
    userId: "old",
    id: "checkout:1",
    paidAt: new Date("2026-02-28T23:59:59Z"),
    ...pack,
    refundedCents: 90,
    disputedCents: 100,
  });
  await makePayment(test.db, {
    userId: "old",
    id: "checkout:2",
    paidAt: new Date("2026-02-01T00:00:00Z"),
    ...pack,
    currency: "eur",
  });
});
afterAll(() => test.close());

describe("readSales", () => {
  it("sums payments by month, item and currency", async () => {
    const of = (month: string, item: string, currency: string, amountCents: number) => ({
      month,
      item,
      currency,
      payments: 1,
      amountCents,
      refundedCents: 0,
      disputedCents: 0,
    });
    expect(await readSales(test.db, period)).toEqual([
      of("2026-03", "pro-monthly", "usd", 990),
      of("2026-02", "pack-basic", "eur", 990),
      { ...of("2026-02", "pack-basic", "usd", 990), refundedCents: 90, disputedCents: 100 },
      of("2026-02", "pro-monthly", "usd", 990),
    ]);
  });
});

describe("readMembers", () => {
  it("counts each member once per month and as new only once", async () => {
    expect(await readMembers(test.db, period)).toEqual([
      { month: "2026-03", members: 1, newMembers: 0 },
      { month: "2026-02", members: 1, newMembers: 1 },
      { month: "2026-01", members: 1, newMembers: 0 },
    ]);
  });

  it("agrees with a naive count over all memberships and months", async () => {
    const of = (n: number) => (n * 7919) % 1000;
    const day = (n: number) => new Date(Date.UTC(2025, 0, 1 + n));
    const memberships = Array.from({ length: 60 }, (_, n) => {
      const from = day(of(n) % 400);
      return { userId: `m${of(n + 3) % 25}`, from, until: day((of(n) % 400) + (of(n + 7) % 120)) };
    });
    for (const [n, { userId, from, until }] of memberships.entries())
      await makePayment(test.db, {
        userId,
        id: `invoice:m${n}`,
        paidAt: day(-900),
        memberFromAt: from,
        memberUntilAt: until,
      });
    const all = await test.sql<{ user: string; from: Date; until: Date }[]>`
    select user_id as user, member_from_at as from, member_until_at as until from payment
    where member_from_at < member_until_at`;
    const months = { at: period.at, months: 20 };
    const expected = Array.from({ length: months.months }, (_, back) => {
      const [start, end] = [monthStart(period.at, -back), monthStart(period.at, 1 - back)];
      const users = new Set(all.filter((m) => m.from < end && m.until > start).map((m) => m.user));
      const isNew = (user: string) => all.every((m) => m.user !== user || m.from >= start);
      const newMembers = [...users].filter(isNew).length;
      return { month: monthName(start), members: users.size, newMembers };
    });
    expect(await readMembers(test.db, months)).toEqual(expected);
    await test.ownerSql`delete from payment where id like 'invoice:m%'`;
  });
});

describe("latestMembers", () => {
  it("uses the last count if there are many payments", async () => {
    const setPaymentEstimate = (rows: number) => test.setRowEstimate("payment", rows);
    const countedAt = new Date("2026-02-20T00:00:00Z");
    await countMembers(test.db, countedAt);
    expect(await latestMembers(test.db, period)).toEqual({
      months: await readMembers(test.db, period),
      countedAt: period.at,
    });
    await setPaymentEstimate(1_000_000);
    const counted = await readMembers(test.db, { at: countedAt, months: 2 });
    expect(await latestMembers(test.db, period)).toEqual({ months: counted, countedAt });
    await countMembers(test.db, period.at);
    const again = await latestMembers(test.db, { ...period, months: 36 });
    expect(again.months).toHaveLength(36);
    await setPaymentEstimate(5);
  });
});

describe("REPORT_EXPORTS", () => {
  it("returns the same figures as CSV", async () => {
    const lines = [];
    for await (const page of REPORT_EXPORTS.sales.pages(test.db, period)) lines.push(...page);
    expect(lines).toContainEqual([
      "2026-02",
      "pack-basic",
      "usd",
      1,
      990,
      90,
      100,
      800,
      "9.90",
      "0.90",
      "1.00",
      "8.00",
    ]);
    const months = [];
    for await (const page of REPORT_EXPORTS.members.pages(test.db, period)) months.push(...page);
    expect(months[1]).toEqual(["2026-02", 1, 1, 0, 0, null]);
  });
});
