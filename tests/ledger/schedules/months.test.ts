import { addMonths } from "date-fns";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { monthsAfter } from "@/lib/utc-period";
import { createTestDatabase, type TestDatabase } from "../../support/database";

/** Month ends, leap days, midnights, and hours that daylight saving time skips or repeats. */
const ANCHORS = [
  "2025-12-31T23:59:59.999Z",
  "2026-01-01T00:00:00.000Z",
  "2026-01-28T12:00:00.000Z",
  "2026-01-29T03:30:00.000Z",
  "2026-01-30T23:00:00.000Z",
  "2026-01-31T00:00:00.001Z",
  "2026-03-31T10:30:00.000Z",
  "2026-05-31T14:00:00.000Z",
  "2026-08-31T09:59:59.999Z",
  "2024-02-29T00:00:00.000Z",
  "2000-02-29T23:59:59.999Z",
  "2027-02-28T11:00:00.000Z",
  // Skipped and repeated hours in Los Angeles, Berlin and Lord Howe.
  "2026-03-08T10:00:00.000Z",
  "2026-11-01T09:30:00.000Z",
  "2026-03-29T01:00:00.000Z",
  "2026-10-25T01:30:00.000Z",
  "2026-10-03T15:30:00.000Z",
  "2026-04-04T15:15:00.000Z",
].map((instant) => new Date(instant));
/** Every month of two years, then up to a century: 2100 is not a leap year. */
const COUNTS = [...Array.from({ length: 26 }, (_, n) => n), 48, 120, 600, 889, 890, 1200];
const ISO = 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"';
const ZONES = ["UTC", "America/Los_Angeles", "Australia/Lord_Howe", "Europe/Berlin"];

/** Computes the expectation with date-fns, which counts in the process's zone, here UTC. */
function expectedTable(): string[] {
  vi.stubEnv("TZ", "UTC");
  return table(addMonths);
}

const table = (add: (anchor: Date, count: number) => Date) =>
  ANCHORS.flatMap((anchor) =>
    COUNTS.map(
      (count) => `${anchor.toISOString()} + ${count}: ${add(anchor, count).toISOString()}`,
    ),
  );

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => test.close());

describe.each(ZONES)("months after an anchor in %s", (zone) => {
  const expected = expectedTable();

  it("are counted in UTC by monthsAfter", () => {
    vi.stubEnv("TZ", zone);
    expect(new Intl.DateTimeFormat("en").resolvedOptions().timeZone).toBe(zone);
    expect(table(monthsAfter)).toEqual(expected);
  });

  it("are counted in UTC by credits_add_months", async () => {
    const rows = await test.sql.begin(async (sql) => {
      await sql`select set_config('TimeZone', ${zone}, true)`;
      return sql<{ line: string }[]>`
        select format('%s + %s: %s', to_char(anchor at time zone 'UTC', ${ISO}), count,
          to_char(credits_add_months(anchor, count) at time zone 'UTC', ${ISO})) as line
        from unnest(${ANCHORS.map((anchor) => anchor.toISOString())}::text[]::timestamptz[]) with ordinality as a (anchor, nth),
          unnest(${COUNTS}::integer[]) with ordinality as c (count, place)
        order by nth, place`;
    });
    expect(rows.map(({ line }) => line)).toEqual(expected);
  });
});

describe("credits_add_months", () => {
  it("differs from adding an interval in the session's time zone", async () => {
    const [row] = await test.sql.begin(async (sql) => {
      await sql`select set_config('TimeZone', 'America/Los_Angeles', true)`;
      return sql`select '2026-01-31T03:00:00Z'::timestamptz + interval '1 month' as zoned,
      credits_add_months('2026-01-31T03:00:00Z', 1) as counted`;
    });
    expect(row).toEqual({
      zoned: new Date("2026-03-01T03:00:00Z"),
      counted: new Date("2026-02-28T03:00:00Z"),
    });
  });
});
