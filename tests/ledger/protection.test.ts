import { millisecondsInDay } from "date-fns/constants";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { grantCredits, grantTrial, openCreditAccount } from "@/ledger/grant";
import { captureHold, extendHold, holdCredits, releaseHold } from "@/ledger/hold";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { NOW, prepareAccount, writeCalls } from "./account-scenario";
import { writeCredits } from "./calls";
import { appendOnly, DEBTOR, duplicates, SOLVENT, violations } from "./forbidden-writes";
import { rowsOfDatabase } from "./rows";
import { LEDGER_TABLES } from "./tables";

const PERMISSION_DENIED = "42501";
const APPEND_ONLY = "QF099";

let database: TestDatabase;
/** All rows of the users; no test changes them. */
let before: unknown;

const rowsOfBoth = () =>
  Promise.all([DEBTOR, SOLVENT].map((user) => rowsOfDatabase(database.sql, user, [NOW])));

beforeAll(async () => {
  database = await createTestDatabase();
  await prepareAccount(database.db, DEBTOR);
  await database.db.transaction((tx) =>
    writeCredits(tx, DEBTOR, { write: "revoke", input: revocationBeyondTheBalance }),
  );
  const grant = { key: "settles", amount: 7, type: "DAILY_SIGNIN", source: "signin" } as const;
  await database.db.transaction((tx) =>
    grantCredits(tx, { userId: DEBTOR, ...grant, expiresAt: null, paid: false, now: NOW }),
  );
  await prepareAccount(database.db, SOLVENT);
  await database.db.transaction((tx) => openCreditAccount(tx, { userId: SOLVENT, now: NOW }));
  const release = { holdKey: "h", key: "released", now: NOW };
  await database.db.transaction((tx) => releaseHold(tx, { userId: SOLVENT, ...release }));
  const trial = { subscriptionId: "sub_1", credits: 5, endsAt: TOMORROW, now: NOW };
  await database.db.transaction((tx) => grantTrial(tx, { userId: SOLVENT, ...trial }));
  const hold = { key: "h2", amount: 20, source: "reading:2", expiresAt: TOMORROW, now: NOW };
  await database.db.transaction((tx) => holdCredits(tx, { userId: SOLVENT, ...hold }));
  const capped = { ...hold, key: "h3", amount: 1, overrun: { policy: "cap" } } as const;
  await database.db.transaction((tx) => holdCredits(tx, { userId: SOLVENT, ...capped }));
  const capture = { holdKey: "h3", key: "captured", amount: 2, now: NOW };
  await database.db.transaction((tx) => captureHold(tx, { userId: SOLVENT, ...capture }));
  const extension = { holdKey: "h2", key: "extended", amount: 5, now: NOW };
  await database.db.transaction((tx) => extendHold(tx, { userId: SOLVENT, ...extension }));
  before = await rowsOfBoth();
});

afterAll(async () => {
  expect(await rowsOfBoth()).toEqual(before);
  await expectBooksBalanced(database.sql);
  await database.close();
});

const TOMORROW = new Date(NOW.getTime() + millisecondsInDay);
const revocationBeyondTheBalance = {
  key: "beyond",
  amount: 500,
  source: "checkout:a",
  now: NOW,
};

/** Returns the SQLSTATE of a rejected statement; throws if it succeeds. */
async function refusalOf(statement: PromiseLike<unknown>): Promise<string> {
  return (await errorOf(statement)).code;
}

async function errorOf(statement: PromiseLike<unknown>): Promise<postgres.PostgresError> {
  const error = await statement.then(
    () => new Error("The statement succeeded."),
    (reason: unknown) => reason,
  );
  if (error instanceof postgres.PostgresError) return error;
  throw error;
}

/** A column of the tables that name no user. */
const OTHER_IDS: Readonly<Record<string, string>> = {
  spend_count: "limit_id",
  low_balance_default: "id",
};

describe("the application's role", () => {
  it.each(LEDGER_TABLES)("can read %s but not write it", async (table) => {
    const { sql } = database;
    const name = sql(table);
    await sql`select * from ${name} limit 1`;
    expect(await refusalOf(sql`insert into ${name} default values`)).toBe(PERMISSION_DENIED);
    const id = sql(OTHER_IDS[table] ?? "user_id");
    expect(await refusalOf(sql`update ${name} set ${id} = ${id}`)).toBe(PERMISSION_DENIED);
    expect(await refusalOf(sql`delete from ${name}`)).toBe(PERMISSION_DENIED);
    expect(await refusalOf(sql`truncate ${name}`)).toBe(PERMISSION_DENIED);
    expect(await refusalOf(sql`alter table ${name} disable trigger all`)).toBe(PERMISSION_DENIED);
    expect(await refusalOf(sql`drop table ${name}`)).toBe(PERMISSION_DENIED);
    expect(await refusalOf(sql`select * from ${name} for update`)).toBe(PERMISSION_DENIED);
  });

  it("can call the public functions but not the internal ones", async () => {
    const { sql, ownerSql } = database;
    const functions = await ownerSql<{ name: string; allowed: boolean; definer: boolean }[]>`
      select proname as name, prosecdef as definer,
        has_function_privilege('qiflow_app', oid, 'execute') as allowed
      from pg_proc where pronamespace = 'public'::regnamespace`;
    const allowed = functions.filter((row) => row.allowed).map((row) => row.name);
    expect(allowed).toEqual(expect.arrayContaining(["credits_grant", "credits_spend"]));
    for (const inner of ["credits_put_grant", "credits_write_transaction", "credits_put_on_lot"])
      expect(allowed).not.toContain(inner);
    // Every SECURITY DEFINER function must be public.
    const definers = functions.filter((row) => row.definer).map((row) => row.name);
    expect(definers.filter((name) => !allowed.includes(name))).toEqual([]);
    expect(
      await refusalOf(
        sql`select credits_save_account(a) from credit_account a where user_id = ${DEBTOR}`,
      ),
    ).toBe(PERMISSION_DENIED);
  });

  it("cannot replace functions or change their search path", async () => {
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

  it("cannot mislead a function with a temporary table of the same name", async () => {
    const { sql } = database;
    await expectRolledBack(sql, async (session) => {
      await session`create temp table credit_account (like public.credit_account including defaults)`;
      await session`insert into credit_account (user_id, balance, as_of) values (${DEBTOR}, 1000000, ${NOW})`;
      expect(
        await refusalOf(
          session`select credits_spend(${DEBTOR}, 'fooled', 5000, 'reading:1', ${NOW}::timestamptz)`,
        ),
      ).toBe("QF001");
    });
  });
});

/** Runs `work` in a transaction that is always rolled back. */
async function expectRolledBack(
  sql: postgres.Sql,
  work: (session: postgres.TransactionSql) => Promise<unknown>,
): Promise<void> {
  const rollback = new Error("rollback");
  await expect(
    sql.begin(async (session) => {
      await work(session);
      throw rollback;
    }),
  ).rejects.toBe(rollback);
}

describe("the owner's role", () => {
  it.each(appendOnly)("cannot $event rows of $table ($trigger)", async ({ table, event }) => {
    const statement = {
      UPDATE: `update ${table} set amount = amount + 1`,
      DELETE: `delete from ${table}`,
      TRUNCATE: `truncate ${table}`,
    }[event];
    const { code, message } = await errorOf(database.ownerSql.unsafe(statement));
    expect(code).toBe(APPEND_ONLY);
    expect(message).toContain(`The ledger is append-only: ${event} on ${table} is refused.`);
  });

  it.each([
    "credit_lot set amount = amount + 1",
    "credit_lot set expires_at = expires_at + interval '1 day' where expires_at is not null",
    "credit_lot set expires_at = null where type = 'TRIAL'",
    "credit_lot set source = 'checkout:other'",
    "credit_lot set paid = not paid",
    "credit_lot set priority = priority + 1",
    "credit_lot set type = 'DAILY_SIGNIN'",
    "credit_lot set granted_at = granted_at - interval '1 day'",
    "credit_lot set seq = seq + 100",
    "credit_lot set user_id = 'somebody else'",
    "credit_allocation set amount = amount + 1",
    "credit_allocation set lot_seq = lot_seq + 1",
    "credit_allocation set from_at = now() where hold_key is not null",
    "credit_allocation set hold_key = 'other' where hold_key is not null",
    "credit_allocation set to_at = now() where transaction_seq is not null",
    "credit_allocation set transaction_seq = 1, hold_key = null where hold_key is not null",
  ])("cannot change a booked fact: update %s", async (change) => {
    const { code, message } = await errorOf(database.ownerSql.unsafe(`update ${change}`));
    expect(code).toBe(APPEND_ONLY);
    expect(message).toContain(`A booked fact of ${change.split(" ")[0]} never changes`);
  });

  it.each(violations)("cannot violate $constraint: $statement", async (attempt) => {
    const error = await errorOf(database.ownerSql.unsafe(attempt.statement));
    expect({ constraint: error.constraint_name, code: error.code }).toEqual({
      constraint: attempt.constraint,
      code: "23514",
    });
  });

  it.each(duplicates)("cannot insert a duplicate into $index", async ({ index, statement }) => {
    const error = await errorOf(database.ownerSql.unsafe(statement));
    expect({ index: error.constraint_name, code: error.code }).toEqual({ index, code: "23505" });
  });

  it("is tested against every constraint, index and trigger of the ledger", async () => {
    const { ownerSql } = database;
    const names = async (query: PromiseLike<readonly { name: string }[]>) =>
      (await query).map(({ name }) => name);
    const checks = ownerSql<{ name: string }[]>`select conname as name from pg_constraint
      where contype = 'c' and conrelid = any (${LEDGER_TABLES}::regclass[])`;
    const uniques = ownerSql<{ name: string }[]>`select indexrelid::regclass::text as name
      from pg_index where indisunique and indrelid = any (${LEDGER_TABLES}::regclass[])`;
    const triggers = ownerSql<{ name: string }[]>`
      select tgrelid::regclass || '.' || tgname as name from pg_trigger
      where not tgisinternal and tgenabled = 'O' and tgrelid = any (${LEDGER_TABLES}::regclass[])`;
    const sorted = (list: readonly string[]) => [...new Set(list)].toSorted();
    expect(sorted(await names(checks))).toEqual(sorted(violations.map((one) => one.constraint)));
    expect(sorted(await names(uniques))).toEqual(sorted(duplicates.map((one) => one.index)));
    expect(sorted(await names(triggers))).toEqual(
      sorted([
        ...appendOnly.map(({ table, trigger }) => `${table}.${trigger}`),
        "credit_lot.expiry_stays",
        "credit_lot.facts_stay",
        "credit_allocation.facts_stay",
        "credit_account.note_balance_crossing",
        "credit_hold.note_lapsed_hold",
      ]),
    );
  });
});

describe("every write", () => {
  it("accepts any instant and refuses an empty key", async () => {
    for (const call of writeCalls(""))
      expect(
        await refusalOf(
          database.db
            .transaction((tx) => writeCredits(tx, DEBTOR, call))
            .catch((error: unknown) =>
              Promise.reject(error instanceof Error ? error.cause : error),
            ),
        ),
        call.write,
      ).toBe("QF012");
  });
});
