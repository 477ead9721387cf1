import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ledgerCsv } from "@/accounts/ledger-export";
import type { LedgerFilter } from "@/ledger/reads/search";
import { csvResponse } from "@/lib/download";
import type { Locale } from "@/lib/locales";
import { LedgerFixture } from "../ledger/reads/ledger-fixture";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";

let database: TestDatabase;
let fixture: LedgerFixture;
const now = new Date("2026-03-01T00:00:00Z");
beforeAll(async () => {
  database = await createTestDatabase();
  fixture = new LedgerFixture(database.db);
  await fixture.grant("2026-01-15T00:00:00Z", 500, null, "=cmd|' /C calc'!A0");
  for (let day = 1; day <= 6; day++)
    await fixture.spend(`2026-02-0${day}T08:00:00Z`, 10, "reading:a");
  await new LedgerFixture(database.db).grant("2026-02-01T00:00:00Z", 77);
});
afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

async function download(locale: Locale, filter: LedgerFilter = {}): Promise<Uint8Array> {
  const ledger = { userId: fixture.userId, filter, locale, at: now, pageSize: 2 };
  const csv = await ledgerCsv(database.db, ledger);
  const response = csvResponse({ filename: "x.csv", ...csv });
  return new Uint8Array(await response.arrayBuffer());
}

const linesOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trimEnd().split("\r\n");

describe("ledgerCsv", () => {
  it("contains every row of the owner once, newest first, across all pages", async () => {
    const [header, ...rows] = linesOf(await download("en"));
    expect(header).toBe(
      "Entry,Booked at (UTC),Effective at (UTC),Type,Credits,Balance after,Source",
    );
    expect(rows.map((row) => Number(row.split(",")[0]))).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect(rows[0]).toBe(
      "7,2026-02-06T08:00:00.000Z,2026-02-06T08:00:00.000Z,BaZi reading,-10,440,reading:a",
    );
  });

  it("leaves numbers unquoted and escapes formulas", async () => {
    const last = linesOf(await download("en")).at(-1);
    expect(last).toBe(
      "1,2026-01-15T00:00:00.000Z,2026-01-15T00:00:00.000Z,Sign-up gift,500,500,'=cmd|' /C calc'!A0",
    );
  });

  it("is in Chinese for the locale zh-CN and starts with a byte order mark for Excel", async () => {
    const bytes = await download("zh-CN");
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const [header, row] = linesOf(bytes);
    expect(header).toBe("记录编号,记账时间（UTC）,生效时间（UTC）,类型,积分变动,变动后余额,来源");
    expect(row).toContain(",八字解读,-10,440,");
  });

  it("contains the rows that match the filter, and only the header without matches", async () => {
    const gifts = linesOf(await download("en", { type: "REGISTER_GIFT" }));
    expect(gifts).toHaveLength(2);
    const from = new Date("2026-02-05T00:00:00Z");
    expect(linesOf(await download("en", { from }))).toHaveLength(3);
    expect(linesOf(await download("en", { text: "nowhere" }))).toHaveLength(1);
  });
});
