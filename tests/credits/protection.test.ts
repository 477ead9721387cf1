import type postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { grantCredits } from "@/credits/grant-credits";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { writeCredits } from "./ledger-calls";
import { rowsOfDatabase } from "./ledger-rows";
import { NOW, prepareUser, writeCalls } from "./prepared-user";

const TABLES = [
  "credit_account",
  "credit_transaction",
  "credit_lot",
  "credit_hold",
  "credit_allocation",
  "credit_settlement",
  "credit_schedule",
];
const PERMISSION_DENIED = "42501";
const APPEND_ONLY = "QF099";
const CHECK_VIOLATED = "23514";
const NOT_UNIQUE = "23505";
const USER = "protected";

let database: TestDatabase;
/** All of the user's rows before a test; they are the same after it. */
let before: unknown;

beforeAll(async () => {
  database = await createTestDatabase();
  await prepareUser(database.db, USER);
  await database.db.transaction((tx) =>
    writeCredits(tx, USER, { write: "revoke", input: revocationBeyondTheBalance }),
  );
  const grant = { key: "settles", amount: 7, type: "DAILY_SIGNIN", source: "signin" } as const;
  await database.db.transaction((tx) =>
    grantCredits(tx, { userId: USER, ...grant, expiresAt: null, paid: false, now: NOW }),
  );
  before = await rowsOfDatabase(database.sql, USER, [NOW]);
});

afterAll(async () => {
  expect(await rowsOfDatabase(database.sql, USER, [NOW])).toEqual(before);
  await expectBooksBalanced(database.sql);
  await database.close();
});

const revocationBeyondTheBalance = {
  key: "beyond",
  amount: 500,
  source: "checkout:a",
  now: NOW,
};

/** Postgres's code for why it refused; throws if it did not. */
async function refusalOf(statement: PromiseLike<unknown>): Promise<string> {
  const error = await statement.then(
    () => new Error("Nothing refused this statement."),
    (reason: unknown) => reason,
  );
  if (error instanceof Error && "code" in error) return String(error.code);
  throw error;
}

describe("the application's role", () => {
  test.each(TABLES)("reads %s and can't write it", async (table) => {
    const { sql } = database;
    const name = sql(table);
    await sql`select * from ${name} limit 1`;
    expect(await refusalOf(sql`insert into ${name} default values`)).toBe(PERMISSION_DENIED);
    expect(await refusalOf(sql`update ${name} set user_id = user_id`)).toBe(PERMISSION_DENIED);
    expect(await refusalOf(sql`delete from ${name}`)).toBe(PERMISSION_DENIED);
    expect(await refusalOf(sql`truncate ${name}`)).toBe(PERMISSION_DENIED);
    expect(await refusalOf(sql`alter table ${name} disable trigger all`)).toBe(PERMISSION_DENIED);
    expect(await refusalOf(sql`drop table ${name}`)).toBe(PERMISSION_DENIED);
    expect(await refusalOf(sql`select * from ${name} for update`)).toBe(PERMISSION_DENIED);
  });

  test("calls the functions that keep the promises, none of those that they are made of", async () => {
    const { sql, ownerSql } = database;
    const functions = await ownerSql<{ name: string; allowed: boolean; definer: boolean }[]>`
      select proname as name, prosecdef as definer,
        has_function_privilege('qiflow_app', oid, 'execute') as allowed
      from pg_proc where pronamespace = 'public'::regnamespace`;
    const allowed = functions.filter((row) => row.allowed).map((row) => row.name);
    expect(allowed).toEqual(expect.arrayContaining(["credits_grant", "credits_spend"]));
    for (const inner of ["credits_put_grant", "credits_write_transaction", "credits_put_on_lot"])
      expect(allowed).not.toContain(inner);
    // Whoever runs with the owner's rights must be meant to be called.
    const definers = functions.filter((row) => row.definer).map((row) => row.name);
    expect(definers.filter((name) => !allowed.includes(name))).toEqual([]);
    expect(
      await refusalOf(
        sql`select credits_save_account(a) from credit_account a where user_id = ${USER}`,
      ),
    ).toBe(PERMISSION_DENIED);
  });

  test("can't replace a function, nor the schema it is found in", async () => {
    const { sql } = database;
    expect(
      await refusalOf(
        sql`create function public.credits_wish() returns integer language sql as 'select 1'`,
      ),
    ).toBe(PERMISSION_DENIED);
    expect(await refusalOf(sql`drop function credits_spend`)).toBe(PERMISSION_DENIED);
    const pinned = await database.ownerSql<{ name: string }[]>`
      select proname as name from pg_proc
      where pronamespace = 'public'::regnamespace and prosecdef
        and not coalesce(proconfig @> array['search_path=public, pg_temp'], false)`;
    expect([...pinned]).toEqual([]);
  });

  test("fools no function with a table of its own of the same name", async () => {
    const { sql } = database;
    await expectUndone(sql, async (session) => {
      await session`create temp table credit_account (like public.credit_account including defaults)`;
      await session`insert into credit_account (user_id, balance, as_of) values (${USER}, 1000000, ${NOW})`;
      expect(
        await refusalOf(
          session`select credits_spend(${USER}, 'fooled', 5000, 'reading:1', ${NOW}::timestamptz)`,
        ),
      ).toBe("QF001");
    });
  });
});

/** Runs work in a transaction that is rolled back whatever it does. */
async function expectUndone(
  sql: postgres.Sql,
  work: (session: postgres.TransactionSql) => Promise<unknown>,
): Promise<void> {
  const undo = new Error("undo");
  await expect(
    sql.begin(async (session) => {
      await work(session);
      throw undo;
    }),
  ).rejects.toBe(undo);
}

describe("the owner of the tables", () => {
  test.each(["credit_transaction", "credit_settlement"])("can't rewrite %s", async (table) => {
    const { ownerSql } = database;
    const name = ownerSql(table);
    expect(await refusalOf(ownerSql`update ${name} set amount = amount + 1`)).toBe(APPEND_ONLY);
    expect(await refusalOf(ownerSql`delete from ${name}`)).toBe(APPEND_ONLY);
    expect(await refusalOf(ownerSql`truncate ${name}`)).toBe(APPEND_ONLY);
  });

  test.each(["credit_account", "credit_lot", "credit_hold", "credit_allocation"])(
    "can't delete from %s",
    async (table) => {
      const { ownerSql } = database;
      expect(await refusalOf(ownerSql`delete from ${ownerSql(table)}`)).toBe(APPEND_ONLY);
      expect(await refusalOf(ownerSql`truncate ${ownerSql(table)}`)).toBe(APPEND_ONLY);
    },
  );

  test.each([
    "credit_lot set amount = amount + 1",
    "credit_lot set expires_at = expires_at + interval '1 day' where expires_at is not null",
    "credit_lot set source = 'checkout:other'",
    "credit_lot set paid = not paid",
    "credit_allocation set amount = amount + 1",
    "credit_allocation set lot_seq = lot_seq + 1",
    "credit_allocation set to_at = now() where transaction_seq is not null",
  ])("can't change a fact: update %s", async (change) => {
    expect(await refusalOf(database.ownerSql.unsafe(`update ${change}`))).toBe(APPEND_ONLY);
  });

  test.each([
    "credit_lot set remaining = -1",
    "credit_lot set remaining = amount + 1",
    "credit_account set held = -1",
    "credit_account set debt = -1",
    "credit_account set balance = balance + 1",
    "credit_hold set captured = amount + 1",
    "credit_hold set expires_at = held_at",
  ])("can't write what can't be: update %s", async (change) => {
    expect(await refusalOf(database.ownerSql.unsafe(`update ${change}`))).toBe(CHECK_VIOLATED);
  });

  test("can't book nothing, nor one fact twice", async () => {
    const { ownerSql } = database;
    const copyWith = (seq: string, amount: string, key: string) =>
      ownerSql.unsafe(`
        insert into credit_transaction (user_id, seq, type, operation, amount, balance_after,
          idempotency_key, source, booked_at, effective_at)
        select user_id, ${seq}, type, operation, ${amount}, balance_after, ${key}, source,
          booked_at, effective_at
        from credit_transaction where seq = 1`);
    expect(await refusalOf(copyWith("999", "0", "'new'"))).toBe(CHECK_VIOLATED);
    expect(await refusalOf(copyWith("999", "amount", "idempotency_key"))).toBe(NOT_UNIQUE);
    expect(await refusalOf(copyWith("seq", "amount", "'new'"))).toBe(NOT_UNIQUE);
  });
});

test("writes may be called with any instant, and refuse an empty key", async () => {
  for (const call of writeCalls(""))
    expect(
      await refusalOf(
        database.db
          .transaction((tx) => writeCredits(tx, USER, call))
          .catch((error: unknown) => Promise.reject(error instanceof Error ? error.cause : error)),
      ),
      call.write,
    ).toBe("QF012");
});
