import { addHours } from "date-fns";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "@/db/client";
import { refundSpend, spendCredits } from "@/ledger/debit";
import { expireCredits } from "@/ledger/distribution/expire";
import { SpendLimitExceeded } from "@/ledger/errors";
import { grantCredits } from "@/ledger/grant";
import { captureHold, holdCredits, releaseHold } from "@/ledger/hold";
import { readSpendLimits, setSpendLimit } from "@/ledger/limits";
import { expectBooksBalanced } from "../support/books";
import { connectToDatabase } from "../support/connect-to-database";
import { createTestDatabase, type TestDatabase } from "../support/database";

const CONNECTIONS = 40;
const NOW = new Date("2026-03-31T23:59:59.999Z");
const TOMORROW = new Date("2026-04-01T00:00:00.000Z");

let database: TestDatabase;
let db: Database;
let users = 0;

beforeAll(async () => {
  database = await createTestDatabase();
  db = connectToDatabase(database.appUrl, { max: CONNECTIONS });
});

afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await db.$client.end();
  await database.close();
});

async function newUser(credits = 10_000): Promise<string> {
  const userId = `user-${++users}`;
  await db.transaction((tx) =>
    grantCredits(tx, {
      userId,
      key: "g",
      amount: credits,
      type: "PURCHASE_PACKAGE",
      source: "checkout:a",
      expiresAt: null,
      paid: true,
      now: new Date("2026-01-01T00:00:00Z"),
    }),
  );
  return userId;
}

const newUsers = (count: number) => Promise.all(Array.from({ length: count }, () => newUser()));

function spend(userId: string, serviceId: string, key: string, { amount = 10, now = NOW } = {}) {
  const write = { userId, serviceId, key, amount, source: "job", now };
  return db.transaction((tx) => spendCredits(tx, write));
}

const setCap = (
  serviceId: string,
  amount: number | null,
  { window = "day", isHard = true }: { window?: "day" | "month" | "total"; isHard?: boolean } = {},
) => db.transaction((tx) => setSpendLimit(tx, { subject: { serviceId }, window, amount, isHard }));

/** Runs calls on all connections and returns how many succeeded; refusals must be the limit's. */
async function countSuccesses(calls: readonly (() => Promise<unknown>)[]): Promise<number> {
  const outcomes = await Promise.allSettled(calls.map((call) => call()));
  const refusals = outcomes.flatMap((outcome) =>
    outcome.status === "rejected" ? [outcome.reason] : [],
  );
  expect(refusals.filter((error) => !(error instanceof SpendLimitExceeded))).toEqual([]);
  return outcomes.length - refusals.length;
}

async function remainingOf(userId: string, serviceId: string, now = NOW): Promise<number> {
  const [limit] = await readSpendLimits(db, { userId, serviceId, now });
  if (limit === undefined) throw new Error("There is no limit.");
  return limit.remaining;
}

describe("a hard limit", () => {
  it("lets exactly its amount through, over many users and connections", async () => {
    const accounts = await newUsers(8);
    await setCap("svc-many", 230);
    const calls = Array.from({ length: 120 }, (_, n) => () => {
      const userId = accounts[n % accounts.length] ?? "";
      return n % 3 === 0
        ? db.transaction((tx) =>
            holdCredits(tx, {
              userId,
              serviceId: "svc-many",
              key: `h${n}`,
              amount: 10,
              source: "job",
              expiresAt: addHours(NOW, 1),
              now: NOW,
            }),
          )
        : spend(userId, "svc-many", `s${n}`);
    });
    expect(await countSuccesses(calls)).toBe(23);
    expect(await remainingOf(accounts[0] ?? "", "svc-many")).toBe(0);
  });

  it("counts a repeated key once", async () => {
    const userId = await newUser();
    await setCap("svc-repeat", 100);
    const same = Array.from({ length: 30 }, () => () => spend(userId, "svc-repeat", "same"));
    expect(await countSuccesses(same)).toBe(30);
    expect(await remainingOf(userId, "svc-repeat")).toBe(90);
  });

  it("begins again at midnight UTC, and spends on both sides of it count exactly", async () => {
    const accounts = await newUsers(6);
    await setCap("svc-midnight", 100);
    const at = (now: Date, name: string) =>
      Array.from(
        { length: 40 },
        (_, n) => () => spend(accounts[n % 6] ?? "", "svc-midnight", `${name}${n}`, { now }),
      );
    const [before, after] = [at(NOW, "a"), at(TOMORROW, "b")];
    const calls = before.flatMap((call, n) => [call, after[n] ?? call]);
    // An account that has spent at midnight spends at midnight, whatever its server's clock says.
    const succeeded = await countSuccesses(calls);
    expect(succeeded).toBeLessThanOrEqual(20);
    const counts = await database.sql<{ used: number }[]>`
      select used::int from spend_count c join spend_limit l on l.id = c.limit_id
      where l.service_id = 'svc-midnight'`;
    for (const { used } of counts) expect(used).toBeLessThanOrEqual(100);
    expect(counts.reduce((sum, { used }) => sum + used, 0)).toBe(succeeded * 10);
  });

  it("uses the account's time: a server whose clock is behind does not reopen yesterday", async () => {
    const userId = await newUser();
    await setCap("svc-behind", 20);
    await spend(userId, "svc-behind", "a", { amount: 20, now: TOMORROW });
    await expect(spend(userId, "svc-behind", "b")).rejects.toThrow(SpendLimitExceeded);
  });

  it("counts what was spent before it was set, also by calls under way", async () => {
    const accounts = await newUsers(8);
    const calls = Array.from(
      { length: 100 },
      (_, n) => () => spend(accounts[n % 8] ?? "", "svc-late", `s${n}`),
    );
    let succeeded = 0;
    const spending = countSuccesses(calls).then((count) => {
      succeeded = count;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    await setCap("svc-late", 700);
    await spending;
    // Calls before the limit are not refused, but they count.
    await countSuccesses([() => spend(accounts[0] ?? "", "svc-late", "last", { amount: 1 })]);
    const [spent] = await database.sql<{ spent: number }[]>`
      select -sum(amount)::int as spent from credit_transaction where service_id = 'svc-late'`;
    expect(spent?.spent).toBeGreaterThanOrEqual(succeeded * 10);
    expect(await remainingOf(accounts[0] ?? "", "svc-late")).toBe(
      Math.max(0, 700 - (spent?.spent ?? 0)),
    );
  });

  it("can be changed while it is spent, and removed", async () => {
    const accounts = await newUsers(4);
    await setCap("svc-change", 100);
    const calls = Array.from(
      { length: 60 },
      (_, n) => () =>
        n % 20 === 10
          ? setCap("svc-change", 100 + n)
          : spend(accounts[n % 4] ?? "", "svc-change", `s${n}`),
    );
    await countSuccesses(calls);
    const [count] = await database.sql<{ used: number }[]>`
      select used::int from spend_count c join spend_limit l on l.id = c.limit_id
      where l.service_id = 'svc-change'`;
    expect(count?.used).toBeLessThanOrEqual(150);
    await setCap("svc-change", null);
    await spend(accounts[0] ?? "", "svc-change", "free", { amount: 500 });
  });
});

describe("a soft limit", () => {
  it("refuses nothing and reports that nothing remains", async () => {
    const userId = await newUser();
    await setCap("svc-soft", 15, { isHard: false });
    await spend(userId, "svc-soft", "a");
    const over = await spend(userId, "svc-soft", "b");
    expect(over.limit).toMatchObject({ amount: 15, remaining: 0, isHard: false });
  });
});

describe("what returns", () => {
  it("goes back to the window of its hold or spend", async () => {
    const userId = await newUser();
    const serviceId = "svc-return";
    await setCap(serviceId, 100);
    const hold = { userId, serviceId, amount: 30, source: "job", expiresAt: addHours(NOW, 5) };
    for (const key of ["a", "b"])
      await db.transaction((tx) => holdCredits(tx, { ...hold, key, now: NOW }));
    const spent = await spend(userId, serviceId, "s");
    const later = addHours(TOMORROW, 1);
    await db.transaction((tx) =>
      captureHold(tx, { userId, holdKey: "a", key: "c", amount: 25, now: later }),
    );
    await db.transaction((tx) => releaseHold(tx, { userId, holdKey: "b", key: "r", now: later }));
    await db.transaction((tx) =>
      refundSpend(tx, { userId, spendSeq: spent.seq, key: "f", amount: 4, now: later }),
    );
    const counts = await database.sql<{ day: string; used: number }[]>`
      select to_char(starts_at at time zone 'UTC', 'MM-DD') as day, used::int
      from spend_count c join spend_limit l on l.id = c.limit_id where l.service_id = ${serviceId}`;
    expect([...counts]).toEqual([{ day: "03-31", used: 31 }]);
    expect(await remainingOf(userId, serviceId, later)).toBe(100);
  });

  it("is not lost when the nightly job lapses holds while others spend", async () => {
    const accounts = await newUsers(12);
    const services = ["svc-lapse-a", "svc-lapse-b", "svc-lapse-c"];
    for (const serviceId of services)
      for (const window of ["day", "month", "total"] as const)
        await setCap(serviceId, 1_000_000, { window });
    const started = new Date("2026-04-02T00:00:00Z");
    for (const [n, userId] of accounts.entries())
      for (const [m, serviceId] of services.entries())
        await db.transaction((tx) =>
          holdCredits(tx, {
            userId,
            serviceId,
            key: `h${m}`,
            amount: 7,
            source: "job",
            expiresAt: addHours(started, 1 + ((n + m) % 3)),
            now: started,
          }),
        );
    const later = addHours(started, 30);
    const spends = Array.from(
      { length: 90 },
      (_, n) => () =>
        spend(accounts[(n * 5) % 12] ?? "", services[n % 3] ?? "", `s${n}`, { now: later }),
    );
    const sweeps = Array.from(
      { length: 4 },
      () => () => expireCredits(db, { runId: null, now: later, deadlineMs: Number.MAX_VALUE }),
    );
    expect(await countSuccesses([...spends, ...sweeps])).toBe(94);
    await expireCredits(db, { runId: null, now: later, deadlineMs: Number.MAX_VALUE });
    const totals = await database.sql<{ used: number }[]>`
      select used::int from spend_count c join spend_limit l on l.id = c.limit_id
      where l.service_id = any(${services}) and l."window" = 'total' order by used`;
    expect(totals.map(({ used }) => used)).toEqual([300, 300, 300]);
  });
});
