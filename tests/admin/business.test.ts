import { afterAll, beforeAll, expect, it } from "vitest";
import { breakageOf, readMembers, readSales } from "@/admin/business";
import { membersPages, salesPages } from "@/admin/exports";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { makePayment } from "./people";

const period = { at: new Date("2026-03-15T00:00:00Z"), months: 3 };
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  const member = (userId: string, id: string, from: string, until: string) =>
    makePayment(test.db, {
      ...{ userId, id, paidAt: new Date(from), memberFromAt: new Date(from) },
      memberUntilAt: new Date(until),
    });
  await member("old", "invoice:1", "2025-06-01T00:00:00Z", "2026-02-01T00:00:00Z");
  await member("new", "invoice:2", "2026-02-10T00:00:00Z", "2026-03-10T00:00:00Z");
  await member("new", "invoice:3", "2026-03-10T00:00:00Z", "2026-04-10T00:00:00Z");
  const pack = { item: "pack-basic", amountCents: 990, credits: 100 };
  await makePayment(test.db, {
    ...{ userId: "old", id: "checkout:1", paidAt: new Date("2026-02-28T23:59:59Z"), ...pack },
    refundedCents: 90,
  });
  await makePayment(test.db, {
    ...{ userId: "old", id: "checkout:2", paidAt: new Date("2026-02-01T00:00:00Z"), ...pack },
    currency: "eur",
  });
});
afterAll(() => test.close());

it("sums what was paid by month, item and currency", async () => {
  const of = (month: string, item: string, currency: string, amountCents: number) => ({
    ...{ month, item, currency, payments: 1, amountCents, refundedCents: 0 },
  });
  expect(await readSales(test.db, period)).toEqual([
    of("2026-03", "pro-monthly", "usd", 990),
    of("2026-02", "pack-basic", "eur", 990),
    { ...of("2026-02", "pack-basic", "usd", 990), refundedCents: 90 },
    of("2026-02", "pro-monthly", "usd", 990),
  ]);
});

it("counts a member once a month, from the first instant to the last, and as new only once", async () => {
  expect(await readMembers(test.db, period)).toEqual([
    { month: "2026-03", members: 1, newMembers: 0 },
    { month: "2026-02", members: 1, newMembers: 1 },
    { month: "2026-01", members: 1, newMembers: 0 },
  ]);
});

it("says the same as CSV", async () => {
  const lines = [];
  for await (const page of salesPages(test.db, period)) lines.push(...page);
  expect(lines).toContainEqual(["2026-02", "pack-basic", "usd", 1, 990, 90]);
  const months = [];
  for await (const page of membersPages(test.db, period)) months.push(...page);
  expect(months[1]).toEqual(["2026-02", 1, 1]);
});

it("knows no share of nothing", () => {
  expect(breakageOf({ granted: 0, expired: 5 })).toBeNull();
  expect(breakageOf({ granted: 200, expired: 50 })).toBe(0.25);
});
