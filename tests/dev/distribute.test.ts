import { execFile } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { distributionRun } from "@/ledger/distribution/schema";
import { parseInstant } from "../../dev/operator/parse-instant";
import { progressBar, withProgressBar } from "../../dev/operator/progress-bar";
import { expectGrantedOnce, seedDueUsers } from "../ledger/distribution/due-users";
import { createTestDatabase, type TestDatabase } from "../support/database";

const TIMEOUT_MS = 60_000;
/** The tests' instants are fixed and may lie in the future. */
const ALLOW_FUTURE = "--move-accounts-into-the-future";
let test: TestDatabase;

beforeAll(async () => {
  test = await createTestDatabase();
  await seedDueUsers(test, { count: 20 });
});
afterAll(() => test.close());

/** Runs `npm run distribute -- …` on the test's database. */
function distribute(...options: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, DATABASE_URL: test.appUrl };
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["--import", "tsx", "dev/distribute.ts", ...options],
      { env },
      (_error, out, err) => resolve({ code: child.exitCode ?? -1, out, err }),
    );
  });
}

describe("npm run distribute", () => {
  it(
    "previews a run and then applies what it previewed",
    async () => {
      const dry = await distribute("--dry-run", "--as-of", "2026-02-16");
      expect(dry).toMatchObject({ code: 0, err: "" });
      expect(dry.out.split("\n")).toEqual([
        "As of 2026-02-16T00:00:00.000Z a run would",
        "  expire 0 credits: 0 lots of 0 users",
        "  grant  6700 credits: 20 allotments to 20 users",
        "Nothing was written.",
        "",
      ]);
      expect(await test.db.$count(distributionRun)).toBe(0);

      const done = await distribute("--as-of", "2026-02-16T08:00:00+08:00", ALLOW_FUTURE);
      // There is no progress bar when the output is piped.
      expect(done).toMatchObject({ code: 0, err: "" });
      expect(done.out).toMatch(
        /^20 of 20 users served: 6700 credits granted, 0 lots expired, 0 users failed \(run [0-9a-f-]+\)\.\n$/,
      );
      await expectGrantedOnce(test.sql, { count: 20, periods: 1 });
    },
    TIMEOUT_MS,
  );

  it(
    "exits with 1 and the error when a grant fails",
    async () => {
      await test.ownerSql`alter table credit_lot
        add constraint poisoned check (user_id <> 'user-000003') not valid`;
      const failed = await distribute("--as-of", "2026-03-16", ALLOW_FUTURE);
      expect(failed.code).toBe(1);
      expect(failed.out).toContain("19 of 20 users served: 6650 credits granted");
      expect(failed.err).toMatch(/^Last error: .*poisoned/);
    },
    TIMEOUT_MS,
  );

  it(
    "refuses an instant in the future without its option and writes nothing",
    async () => {
      const before = await test.sql`select * from credit_account order by user_id`;
      const refused = await distribute("--as-of", "2999-01-01");
      expect(refused).toMatchObject({ code: 1, out: "" });
      expect(refused.err).toContain("2999-01-01T00:00:00.000Z is in the future.");
      expect([...(await test.sql`select * from credit_account order by user_id`)]).toEqual([
        ...before,
      ]);
      const dry = await distribute("--as-of", "2999-01-01", "--dry-run");
      expect(dry).toMatchObject({ code: 0, err: "" });
    },
    TIMEOUT_MS,
  );

  it.each([
    [["--as-of", "tomorrow"], "--as-of takes a day (2027-01-31, from its start in UTC)"],
    [["--as-of"], "--as-of"],
    [["--dryrun"], "--dryrun"],
    [["2027-01-31"], "2027-01-31"],
  ])(
    "rejects %j with a reason",
    async (options, reason) => {
      const refused = await distribute(...options);
      expect(refused).toMatchObject({ code: 1, out: "" });
      expect(refused.err).toContain(reason);
      expect(refused.err).not.toContain("    at ");
    },
    TIMEOUT_MS,
  );
});

describe("parseInstant", () => {
  it.each([
    ["2027-01-31", "2027-01-31T00:00:00.000Z"],
    ["2027-01-31T02:00:00Z", "2027-01-31T02:00:00.000Z"],
    ["2027-01-31T02:00:00+08:00", "2027-01-30T18:00:00.000Z"],
  ])("parses %s as %s in any time zone", (text, instant) => {
    expect(parseInstant("--as-of", text).toISOString()).toBe(instant);
  });

  it.each(["", "2027-02-30", "2027-1-31", "2027-01-31T02:00:00", "31.01.2027", "0"])(
    'rejects "%s"',
    (text) => {
      expect(() => parseInstant("--as-of", text)).toThrow("--as-of takes a day");
    },
  );
});

describe("progressBar", () => {
  it.each([
    [{ done: 0, total: 1000 }, `${"░".repeat(30)}   0%  0 of 1,000`],
    [{ done: 600, total: 1000 }, `${"█".repeat(18)}${"░".repeat(12)}  60%  600 of 1,000`],
    [{ done: 1200, total: 1000 }, `${"█".repeat(30)} 100%  1,200 of 1,200`],
    [{ done: 0, total: 0 }, `${"█".repeat(30)} 100%  0 of 0`],
  ])("draws %j", (progress, bar) => {
    expect(progressBar(progress)).toBe(bar);
  });

  const readProgress = async () => ({ done: 1, total: 2 });
  const work = () => new Promise<string>((resolve) => setTimeout(resolve, 50, "the work's result"));

  it("is drawn on a terminal while the work runs and is cleared afterwards", async () => {
    const written: string[] = [];
    const terminal = { isTTY: true, write: (text: string) => written.push(text) };
    expect(await withProgressBar(terminal, readProgress, work)).toBe("the work's result");
    expect(written[0]).toContain("50%  1 of 2");
    expect(written.at(-1)).toBe("\r\u001b[K");
  });

  it("is not drawn on other streams", async () => {
    const written: string[] = [];
    const file = { write: (text: string) => written.push(text) };
    expect(await withProgressBar(file, readProgress, work)).toBe("the work's result");
    expect(written).toEqual([]);
  });

  it("does not stop the work when the progress cannot be read", async () => {
    const failingRead = () => Promise.reject(new Error("the progress cannot be read"));
    const terminal = { isTTY: true, write: () => true };
    expect(await withProgressBar(terminal, failingRead, work)).toBe("the work's result");
    const failing = () => Promise.reject(new Error("the work failed"));
    await expect(withProgressBar(terminal, readProgress, failing)).rejects.toThrow(
      "the work failed",
    );
  });
});
