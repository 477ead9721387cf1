import { randomUUID } from "node:crypto";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refundSpend } from "@/ledger/debit";
import { firstSeqFrom } from "@/ledger/reads/search";
import { monthFlows } from "@/ledger/reports/flows";
import { getUsageByMonth } from "@/ledger/reports/usage";
import { expectBooksBalanced } from "../../support/books";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { LedgerFixture } from "../reads/ledger-fixture";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

const usage = (userId: string, at: string, options: { timeZone?: string; months?: number } = {}) =>
  getUsageByMonth(database.db, {
    timeZone: "UTC",
    months: 3,
    ...options,
    userId,
    at: new Date(at),
  });

describe("getUsageByMonth", () => {
  it("sums each type by month, oldest first, including empty months", async () => {
    const fixture = new LedgerFixture(database.db);
    await fixture.grant("2026-01-05T00:00:00Z", 100);
    await fixture.spend("2026-01-06T00:00:00Z", 10);
    await fixture.spend("2026-01-31T23:59:59Z", 5);
    await fixture.spend("2026-03-01T00:00:00Z", 20);
    expect(await usage(fixture.userId, "2026-03-15T00:00:00Z")).toEqual([
      {
        month: "2026-01",
        types: [
          { type: "REGISTER_GIFT", creditsIn: 100, creditsOut: 0 },
          { type: "USAGE", creditsIn: 0, creditsOut: -15 },
        ],
      },
      { month: "2026-02", types: [] },
      { month: "2026-03", types: [{ type: "USAGE", creditsIn: 0, creditsOut: -20 }] },
    ]);
  });

  it("uses the months of the user's time zone", async () => {
    const fixture = new LedgerFixture(database.db);
    await fixture.grant("2026-01-31T15:59:59Z", 7);
    await fixture.grant("2026-01-31T16:00:00Z", 9);
    const inShanghai = await usage(fixture.userId, "2026-02-10T00:00:00Z", {
      timeZone: "Asia/Shanghai",
      months: 2,
    });
    expect(inShanghai.map(({ types }) => types[0]?.creditsIn)).toEqual([7, 9]);
    const inUtc = await usage(fixture.userId, "2026-02-10T00:00:00Z", { months: 2 });
    expect(inUtc.map(({ types }) => types[0]?.creditsIn)).toEqual([16, undefined]);
  });

  it("counts an expiry when it took effect, even if it was booked months later", async () => {
    const fixture = new LedgerFixture(database.db);
    await fixture.grant("2026-01-05T00:00:00Z", 30, "2026-02-10T00:00:00Z");
    await fixture.grant("2026-04-20T00:00:00Z", 1);
    const months = await usage(fixture.userId, "2026-04-21T00:00:00Z");
    expect(months[0]).toEqual({
      month: "2026-02",
      types: [{ type: "EXPIRE", creditsIn: 0, creditsOut: -30 }],
    });
  });

  it("counts an expiry once, before and after it is booked", async () => {
    const fixture = new LedgerFixture(database.db);
    await fixture.grant("2026-01-05T00:00:00Z", 30, "2026-02-10T00:00:00Z");
    const expired = {
      month: "2026-02",
      types: [{ type: "EXPIRE", creditsIn: 0, creditsOut: -30 }],
    };
    expect((await usage(fixture.userId, "2026-02-09T23:59:59Z", { months: 1 }))[0]?.types).toEqual(
      [],
    );
    expect(await usage(fixture.userId, "2026-02-10T00:00:00Z", { months: 1 })).toEqual([expired]);
    await fixture.grant("2026-02-11T00:00:00Z", 1);
    const [booked] = await usage(fixture.userId, "2026-02-12T00:00:00Z", { months: 1 });
    expect(booked?.types.find(({ type }) => type === "EXPIRE")).toEqual(expired.types[0]);
  });

  it("returns empty months for a user without a ledger", async () => {
    const fixture = new LedgerFixture(database.db);
    await fixture.grant("2026-01-05T00:00:00Z", 30);
    const months = await usage(randomUUID(), "2026-01-21T00:00:00Z");
    expect(months.map(({ types }) => types)).toEqual([[], [], []]);
  });

  it("feeds monthFlows, which counts an excess refund as received", async () => {
    const fixture = new LedgerFixture(database.db);
    await fixture.grant("2026-01-05T00:00:00Z", 100);
    const { seq } = await fixture.spend("2026-01-06T00:00:00Z", 30);
    const refund = { userId: fixture.userId, spendSeq: seq, key: "back", amount: 10 };
    await database.db.transaction((tx) =>
      refundSpend(tx, { ...refund, now: new Date("2026-02-02T00:00:00Z") }),
    );
    const flows = (await usage(fixture.userId, "2026-02-03T00:00:00Z", { months: 2 })).map(
      monthFlows,
    );
    expect(flows).toEqual([
      { month: "2026-01", received: 100, used: 30, expired: 0, takenBack: 0 },
      { month: "2026-02", received: 10, used: 0, expired: 0, takenBack: 0 },
    ]);
  });
});

describe("firstSeqFrom", () => {
  it("returns the number of the first row at or after any instant", async () => {
    const fixture = new LedgerFixture(database.db);
    const bookedAt = [0, 0, 1, 1, 1, 2, 5, 8, 8, 9, 13].map(
      (hour) => new Date(Date.UTC(2026, 0, 1, hour)),
    );
    for (const at of bookedAt) await fixture.grant(at.toISOString(), 1);
    for (let hour = -1; hour <= 15; hour++) {
      const at = new Date(Date.UTC(2026, 0, 1, hour));
      const [row] = await database.db.execute<{ seq: string }>(
        sql`select ${firstSeqFrom(fixture.userId, at)} as seq`,
      );
      const expected = bookedAt.findIndex((booked) => booked >= at);
      expect(Number(row?.seq)).toBe(expected === -1 ? bookedAt.length + 1 : expected + 1);
    }
  });

  it("returns 1 for a user without an account", async () => {
    const at = new Date("2026-01-01T00:00:00Z");
    const [row] = await database.db.execute<{ seq: string }>(
      sql`select ${firstSeqFrom("nobody", at)} as seq`,
    );
    expect(row?.seq).toBe("1");
  });
});
