import { readFile } from "node:fs/promises";
import { addHours } from "date-fns";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrateDatabase } from "@/db/migrate";
import { refundSpend, spendCredits } from "@/ledger/debit";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { grantLifetimeStart } from "@/ledger/grant";
import { getBalance } from "@/ledger/reads/balance";
import { reversePurchase } from "@/ledger/reverse";
import { monthsAfter } from "@/lib/utc-period";
import { findBooksFaults } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";

const FIXTURE = new URL("./fixtures/database-a61fd6c.sql", import.meta.url);

/** Columns that migrations after the fixture's commit added or renamed. */
const ADDED = [
  "session_id",
  "service_id",
  "feature",
  "usage",
  "rate",
  "overrun",
  "debt_limit",
  "counted_at",
  "invoice_id",
  "period_number",
  "reversal_id",
  "reversals",
  "is_reversed",
  "cancellation_comment",
  "raw_body",
  "trimmed_at",
  "reversed_credits",
  "refusal",
  "owed_cents",
  "scheduled_at",
  "scheduled_item",
  "settled_cents",
  "subscription.currency",
  "switched_at",
  "switched_from_price_id",
  "upgrade_credits",
  "month_ends_at",
  "grace",
  "share_token",
  "two_factor_enabled",
  "credentials_epoch",
  "last_allocation",
  "last_settlement",
  "low_balance",
  "endpoint_id",
];
/** Instants by which the old code ordered fetches, by the clocks of its servers. */
const REPLACED = ["reversals_asked_at", "fetched_at"];
const RENAMED = new Map([
  ["applied_reversals", "judged_reversals"],
  ["number", "id"],
]);

/** Later than every booking in the fixture. */
const NOW = new Date("2027-05-04T00:00:00Z");

type Rows = Record<string, string[]>;

let database: TestDatabase;
let before: Rows;

beforeAll(async () => {
  database = await createTestDatabase({ empty: true });
  await load(await readFile(FIXTURE, "utf8"));
  before = await readAllRows();
  await migrateDatabase({ ownerUrl: database.ownerUrl, appRole: "qiflow_app" });
});

afterAll(() => database.close());

/** The dump changes its session's settings, so it gets a connection of its own. */
async function load(dump: string): Promise<void> {
  const sql = postgres(database.ownerUrl, { max: 1, onnotice: () => {} });
  await sql.unsafe(dump);
  await sql.end();
}

/** Every row of every table as JSON with the column names of the fixture's commit. */
async function readAllRows(): Promise<Rows> {
  const { ownerSql: sql } = database;
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_name <> 'installed_function_set' order by 1`;
  const rows: Rows = {};
  for (const { name } of tables) {
    const found = await sql<{ row: Record<string, unknown> }[]>`
      select to_jsonb(t) as row from ${sql(name)} t`;
    rows[name] = found.map(({ row }) => JSON.stringify(asBefore(name, asSold(row)))).sort();
  }
  return rows;
}

/** A schedule with the credits it was sold with, before reversals reduced its allotments. */
function asSold(row: Record<string, unknown>) {
  const { credits, reversed_credits: reversed } = row;
  return reversed === undefined ? row : { ...row, credits: Number(credits) + Number(reversed) };
}

function asBefore(table: string, row: Record<string, unknown>) {
  return Object.entries(row)
    .filter(([column]) => ![...ADDED, ...REPLACED].includes(column))
    .filter(([column]) => !ADDED.includes(`${table}.${column}`))
    .map(([column, value]) => [RENAMED.get(column) ?? column, value])
    .sort();
}

describe("migrateDatabase on a database of commit a61fd6c", () => {
  it("loses and changes no row", async () => {
    const after = await readAllRows();
    expect(before.credit_transaction).toHaveLength(78);
    for (const [table, rows] of Object.entries(before)) expect(after[table], table).toEqual(rows);
  });

  it("keeps the books of every owner balanced", async () => {
    expect(await findBooksFaults(database.ownerSql)).toEqual([]);
  });

  it("fills in the session or the invoice of every payment", async () => {
    const payments = await database.sql<{ id: string; session: string; invoice: string }[]>`
      select id, session_id as session, invoice_id as invoice from payment`;
    expect(payments).toHaveLength(10);
    for (const { id, session, invoice } of payments)
      expect(session === null ? `invoice:${invoice}` : `checkout:${session}`).toBe(id);
  });

  it("fills in the end of every paid month that has no schedule", async () => {
    const payments = await database.sql<{ item: string; endsAt: Date | null; from: Date }[]>`
      select item, month_ends_at as "endsAt", member_from_at as from from payment`;
    const months = payments.filter(({ item }) => item === "pro-monthly");
    expect(months.length).toBeGreaterThan(0);
    for (const { endsAt, from } of months) expect(endsAt).toEqual(monthsAfter(from, 1));
    const others = payments.filter(({ item }) => item !== "pro-monthly");
    expect(new Set(others.map(({ endsAt }) => endsAt))).toEqual(new Set([null]));
  });

  it("marks every payment that was refunded or lost whole", async () => {
    const payments = await database.sql<{ item: string; refunded: number }[]>`
      select item, refunded_cents::int as refunded from payment where is_reversed`;
    expect(payments).toEqual([{ item: "pack-basic", refunded: 990 }]);
  });

  it("reduces the months to come of purchases that were refunded in part and of no others", async () => {
    const schedules = await database.sql<{ kind: string; credits: number; reversed: number }[]>`
      select kind, credits::int, reversed_credits::int as reversed from credit_schedule
      where reversed_credits > 0`;
    expect(schedules).toEqual([{ kind: "yearly", credits: 747, reversed: 253 }]);
  });

  it("fills in the currency of every subscription that was paid", async () => {
    const subscriptions = await database.sql<{ currency: string | null; paid: boolean }[]>`
      select currency, exists (select from payment p where p.subscription_id = s.id) as paid
      from subscription s`;
    const paid = subscriptions.filter((one) => one.paid);
    expect(paid.length).toBeGreaterThan(0);
    expect(new Set(paid.map(({ currency }) => currency))).toEqual(new Set(["usd"]));
  });

  it("dates no subscription's fetch ahead of the database's clock", async () => {
    const [found] = await database.sql<{ all: number; ahead: number }[]>`
      select count(*)::int as all, (count(*) filter (where fetched_at > now()))::int as ahead
      from subscription`;
    expect(found?.all).toBeGreaterThan(0);
    expect(found?.ahead).toBe(0);
  });

  it("fills in the period of every allotment of a schedule and of no other lot", async () => {
    const lots = await database.sql<{ key: string; period: number | null; isMonth: boolean }[]>`
      select t.idempotency_key as key, l.period_number as period,
        exists (select from credit_schedule s where s.user_id = l.user_id and s.id = l.source)
          and t.type <> 'REGISTER_GIFT' and t.operation = 'grant' as "isMonth"
      from credit_lot l join credit_transaction t using (user_id, seq)`;
    for (const { key, period, isMonth } of lots) {
      const expected = key.endsWith(":allotment") ? 0 : Number(key.split(":").at(-1));
      expect(period, key).toBe(isMonth ? expected : null);
    }
    expect(lots.filter(({ period }) => period !== null)).toHaveLength(23);
  });

  it("fills in the refund or dispute of every revocation and nothing else", async () => {
    const rows = await database.sql<{ type: string; key: string; reversal: string | null }[]>`
      select type, idempotency_key as key, reversal_id as reversal from credit_transaction
      where type = 'REVOKE' or reversal_id is not null`;
    expect(rows).toHaveLength(4);
    for (const { key, reversal } of rows) {
      expect(reversal).toMatch(/^(refund:re|dispute:du)_\w+$/);
      expect(key.startsWith(`${reversal}:revoke`), key).toBe(true);
    }
  });

  it("enables the append-only triggers again", async () => {
    const { ownerSql: sql } = database;
    await expect(sql`update credit_transaction set reversal_id = null`).rejects.toThrow(
      /append-only/,
    );
    await expect(sql`update credit_lot set period_number = 7`).rejects.toThrow(/never changes/);
  });

  it("leaves no function that a new database does not have", async () => {
    const fresh = await createTestDatabase();
    const functionsOf = async (sql: postgres.Sql) =>
      (
        await sql<{ name: string }[]>`
          select oid::regprocedure::text as name from pg_proc
          where pronamespace = 'public'::regnamespace order by 1`
      ).map(({ name }) => name);
    const expected = await functionsOf(fresh.ownerSql);
    await fresh.close();
    expect(await functionsOf(database.ownerSql)).toEqual(expected);
  });
});

describe("the ledger after the migration", () => {
  it("replays a spend and a lifetime grant of the old code", async () => {
    const spend = await database.db.transaction((tx) =>
      spendCredits(tx, {
        userId: "user_1",
        key: "spend:one",
        amount: 75,
        source: "reading:spend:one",
        now: NOW,
      }),
    );
    expect(spend).toMatchObject({ seq: 7, amount: -75, replayed: true });
    const [lifetime] = await database.sql<{ id: string; session: string; at: Date }[]>`
      select id, session_id as session, paid_at as at from payment where item = 'lifetime'`;
    if (lifetime === undefined) throw new Error("The fixture has no lifetime.");
    const grant = await database.db.transaction((tx) =>
      grantLifetimeStart(tx, {
        userId: "user_5",
        sessionId: lifetime.session,
        credits: 1000,
        anchorAt: lifetime.at,
        now: NOW,
      }),
    );
    expect(grant).toMatchObject({ seq: 3, amount: 1000, replayed: true });
  });

  it("refunds the remainder of an old spend", async () => {
    const refund = await database.db.transaction((tx) =>
      refundSpend(tx, { userId: "user_1", spendSeq: 7, key: "refund:rest", now: NOW }),
    );
    expect(refund).toMatchObject({ amount: 35, replayed: false });
    const [numbers] = await database.sql<{ new: boolean }[]>`
      select min(number) filter (where transaction_seq = ${refund.seq}) > max(number) filter (
        where transaction_seq is distinct from ${refund.seq}) as new from credit_allocation
      where user_id = 'user_1'`;
    expect(numbers, "new allocations come after old ones").toEqual({ new: true });
    const balance = await getBalance(database.db, { userId: "user_1", at: NOW });
    expect(balance).toMatchObject({ held: 0, debt: 0 });
    expect(await findBooksFaults(database.ownerSql)).toEqual([]);
  });

  it("restores an old revocation when its dispute is won", async () => {
    const [taken] = await database.sql<{ source: string; reversal: string; amount: number }[]>`
      select source, reversal_id as reversal, amount from credit_transaction
      where user_id = 'user_3' and reversal_id like 'dispute:%'`;
    if (taken === undefined) throw new Error("The fixture has no dispute.");
    const reversed = await database.db.transaction((tx) =>
      reversePurchase(tx, {
        userId: "user_3",
        source: taken.source,
        paidCents: 1490,
        undone: [taken.reversal],
        standing: [],
        schedule: null,
        now: NOW,
      }),
    );
    expect(reversed).toEqual({ restored: 200, revoked: 0 });
  });

  it("grants the next months of old schedules with their periods", async () => {
    const at = addHours(NOW, 30 * 24);
    const run = await distributeCredits(database.db, {
      now: at,
      deadlineMs: performance.now() + 60_000,
    });
    expect(run).toMatchObject({ status: "done", errorCount: 0 });
    const months = await database.sql<{ source: string; n: number }[]>`
      select source, period_number as n from credit_lot where granted_at = ${at.toISOString()}`;
    expect(months.map(({ n }) => n)).toEqual(Array.from({ length: months.length }, () => 4));
    expect(new Set(months.map(({ source }) => source)).size).toBe(3);
    expect(await findBooksFaults(database.ownerSql)).toEqual([]);
  });
});
