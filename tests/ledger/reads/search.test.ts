import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LedgerFilter, type LedgerPage, searchLedger } from "@/ledger/reads/search";
import { ledgerAddress, ledgerFilter } from "@/ledger/reads/search-input";
import { expectBooksBalanced } from "../../support/books";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { LedgerFixture } from "./ledger-fixture";

let database: TestDatabase;
let fixture: LedgerFixture;
const now = new Date("2026-04-01T00:00:00Z");
/** Entries 1 to 12: a gift in January, then a reading every fifth day from 1 February. */
beforeAll(async () => {
  database = await createTestDatabase();
  fixture = new LedgerFixture(database.db);
  await fixture.grant("2026-01-15T00:00:00Z", 500);
  for (let nth = 0; nth < 11; nth++) {
    const at = new Date(Date.UTC(2026, 1, 1 + nth * 5)).toISOString();
    await fixture.spend(at, 10, `reading:Ab-${nth}_%`);
  }
  const neighbour = new LedgerFixture(database.db);
  await neighbour.grant("2026-02-01T00:00:00Z", 1, null, "reading:ab-1_%");
});
afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

const search = (filter: LedgerFilter, turn = {}, limit = 100) =>
  searchLedger(database.db, { userId: fixture.userId, filter, turn, limit, at: now });
const numbers = ({ rows }: LedgerPage) => rows.map(({ seq }) => seq);
const downFrom = (high: number, low: number) =>
  Array.from({ length: high - low + 1 }, (_, n) => high - n);

describe("searchLedger", () => {
  it("returns all entries of the user, newest first, without a filter", async () => {
    expect(await search({})).toMatchObject({ newerAfter: null, olderBefore: null });
    expect(numbers(await search({}))).toEqual(downFrom(12, 1));
  });

  it("filters by type", async () => {
    expect(numbers(await search({ type: "REGISTER_GIFT" }))).toEqual([1]);
    expect(numbers(await search({ type: "EXPIRE" }))).toEqual([]);
  });

  it("filters by booking instant, from inclusive to exclusive", async () => {
    const from = new Date("2026-02-06T00:00:00Z");
    const to = new Date("2026-02-16T00:00:00Z");
    expect(numbers(await search({ from, to }))).toEqual([4, 3]);
    expect(numbers(await search({ from: new Date("2027-01-01T00:00:00Z") }))).toEqual([]);
    expect(numbers(await search({ to: new Date("2026-01-01T00:00:00Z") }))).toEqual([]);
  });

  it("finds part of a source case-insensitively and without wildcards", async () => {
    expect(numbers(await search({ text: "READING:ab-3_" }))).toEqual([5]);
    expect(numbers(await search({ text: "ab-3%" }))).toEqual([]);
    expect(numbers(await search({ text: "signup" }))).toEqual([1]);
    expect(numbers(await search({ text: "' or true --" }))).toEqual([]);
  });

  it("finds an entry by its number and sources that contain it", async () => {
    expect(numbers(await search({ text: "7" }))).toEqual([9, 7]);
    expect(numbers(await search({ text: "999999999999999" }))).toEqual([]);
  });

  it("pages in both directions and returns to the first page", async () => {
    const filter = { type: "USAGE" } as const;
    const first = await search(filter, {}, 5);
    expect(numbers(first)).toEqual([12, 11, 10, 9, 8]);
    expect(first).toMatchObject({ newerAfter: null, olderBefore: 8 });
    const second = await search(filter, { before: first.olderBefore }, 5);
    expect(numbers(second)).toEqual([7, 6, 5, 4, 3]);
    const third = await search(filter, { before: second.olderBefore }, 5);
    expect(numbers(third)).toEqual([2]);
    expect(third).toMatchObject({ newerAfter: 2, olderBefore: null });
    const back = await search(filter, { after: third.newerAfter }, 5);
    expect(back).toEqual(second);
    const front = await search(filter, { after: back.newerAfter }, 5);
    expect(numbers(front)).toEqual(numbers(first));
    expect(front.newerAfter).toBeNull();
  });

  it("returns every row once with any page size, in both directions", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 13 }), async (limit) => {
        const older: number[] = [];
        for (let before: number | null | undefined; before !== null; ) {
          const page: LedgerPage = await search({}, { before }, limit);
          older.push(...numbers(page));
          before = page.olderBefore;
        }
        expect(older).toEqual(downFrom(12, 1));
        const newer: number[] = [];
        for (let after: number | null = 0; after !== null; ) {
          const page: LedgerPage = await search({}, { after }, limit);
          newer.unshift(...numbers(page));
          after = page.newerAfter;
        }
        expect(newer).toEqual(downFrom(12, 1));
      }),
      { numRuns: 13 },
    );
  });
});

describe("ledgerAddress and ledgerFilter", () => {
  it("convert months of the reader's zone to instants, in either order", () => {
    const months = { from: new Date("2026-02-28T16:00:00Z"), to: new Date("2026-05-31T16:00:00Z") };
    for (const [from, to] of [
      ["2026-03", "2026-05"],
      ["2026-05", "2026-03"],
    ]) {
      const address = ledgerAddress.parse({ from, to });
      expect(ledgerFilter(address, "Asia/Shanghai")).toEqual({ type: null, text: null, ...months });
    }
  });

  it("ignore invalid values", () => {
    const invalid = { type: "GOLD", from: "2026-13", to: "any", q: "  " };
    expect(ledgerFilter(ledgerAddress.parse(invalid), "UTC")).toEqual({
      type: null,
      from: null,
      to: null,
      text: null,
    });
    for (const q of [["a", "b"], "a\0b", "x".repeat(201)]) {
      expect(ledgerFilter(ledgerAddress.parse({ q }), "UTC").text).toBeNull();
    }
  });

  it("accept only whole numbers that fit the database as page positions", () => {
    const turnOf = (before: string) => ledgerAddress.parse({ before }).before;
    expect(turnOf("120")).toBe(120);
    for (const before of ["-1", "1.5", "1e3", "99999999999999999999", ""]) {
      expect(turnOf(before)).toBeNull();
    }
  });
});
