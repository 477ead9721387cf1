import { randomUUID } from "node:crypto";
import { and, eq, getTableColumns, getTableName, is } from "drizzle-orm";
import { type PgColumn, PgTable } from "drizzle-orm/pg-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deleteAccount } from "@/accounts/delete-account";
import { PRIVACY_RECORDS, TABLE_RULES } from "@/accounts/personal-data";
import { createDatabase, type Database } from "@/db/client";
import * as siteSchema from "@/db/schema";
import { loadMessages } from "@/i18n/load-messages";
import * as distributionSchema from "@/ledger/distribution/schema";
import * as reportSchema from "@/ledger/reports/schema";
import * as ledgerSchema from "@/ledger/schema";
import { LOCALES } from "@/lib/locales";
import * as productSchema from "@/products/bazi/schema";
import { createTestAuth, signUp } from "../auth/auth-fixture";
import { createTestDatabase, type TestDatabase } from "../support/database";

const tablesOf = (...modules: object[]) =>
  modules.flatMap((module) => Object.values(module)).filter((value) => is(value, PgTable));
const siteTables = tablesOf(siteSchema, ledgerSchema, reportSchema, distributionSchema);
const productTables = tablesOf(productSchema);

/** `removed` and `kept`, or every column of a table whose rows are deleted. */
function removedColumns(table: PgTable): readonly string[] {
  const rule = TABLE_RULES[getTableName(table)];
  if (rule === undefined || rule.removed === "rows") return Object.keys(getTableColumns(table));
  return rule.removed;
}

describe("TABLE_RULES", () => {
  it("lists every table of the schema", () => {
    expect(siteTables.map(getTableName).sort()).toEqual(Object.keys(TABLE_RULES).sort());
  });

  it.each(siteTables.map((table) => [getTableName(table), table] as const))(
    "classifies every column of %s",
    (name, table) => {
      const rule = TABLE_RULES[name] ?? expect.fail(`no rule for ${name}`);
      if (rule.removed === "rows") return expect(rule.kept).toEqual([]);
      const classified = [...rule.removed, ...rule.kept].sort();
      expect(classified).toEqual(Object.keys(getTableColumns(table)).sort());
    },
  );
});

describe.each(LOCALES)("the privacy page in %s", async (locale) => {
  const { privacy } = (await loadMessages(locale)).legal;

  it("has an entry for every kind of data, and no others", () => {
    expect(Object.keys(privacy.records)).toEqual(Object.keys(PRIVACY_RECORDS));
    const named = new Set(Object.values(TABLE_RULES).flatMap(({ record }) => record ?? []));
    expect([...named, "content"].sort()).toEqual(Object.keys(PRIVACY_RECORDS).sort());
  });

  it("says of every entry what, why, on which basis, how long and what a deletion does", () => {
    for (const [name, entry] of Object.entries(privacy.records)) {
      expect(Object.keys(entry), name).toEqual(["title", "what", "purpose", "period", "deletion"]);
      expect(PRIVACY_RECORDS).toHaveProperty(name, expect.arrayContaining([expect.anything()]));
    }
    expect(Object.keys(privacy.bases)).toEqual(["contract", "law", "interest"]);
  });
});

const PERSON = { name: "Ottilie Storch", email: "ottilie@storch.example", address: "203.0.113.7" };
const now = new Date("2026-11-20T08:00:00Z");

/** A text that only a column which the deletion empties contains. */
const markerOf = (column: PgColumn) =>
  `typed-in-${getTableName(column.table)}-${column.name}`.replaceAll("_", "-");

describe("deleteAccount of a user with every column filled", () => {
  let database: TestDatabase;
  let owner: Database;
  let userId: string;
  beforeAll(async () => {
    database = await createTestDatabase();
    owner = createDatabase(database.ownerUrl);
    const auth = createTestAuth(database.db);
    ({ userId } = await signUp(database.db, PERSON.email, auth));
    await database.ownerSql`update "user" set name = ${PERSON.name}, stripe_customer_id = 'cus_1'`;
    await database.db.insert(siteSchema.verification).values({
      id: randomUUID(),
      identifier: "typed-in-verification",
      value: JSON.stringify({ userId, name: PERSON.name }),
      expiresAt: now,
    });
    for (const table of [...siteTables, ...productTables]) await fill(table);
    await fillTexts();
  });
  afterAll(async () => {
    await owner.$client.end();
    await database.close();
  });

  /** Adds a row of the user to a table that has none. */
  async function fill(table: PgTable): Promise<void> {
    const { userId: ownerColumn } = getTableColumns(table);
    if (ownerColumn === undefined) return;
    const [row] = await owner.select().from(table).where(eq(ownerColumn, userId)).limit(1);
    if (row !== undefined) return;
    const values = Object.entries(getTableColumns(table))
      .filter(([, { notNull, hasDefault, generated }]) => notNull && !hasDefault && !generated)
      .map(([name, column]) => [name, valueFor(column)]);
    const overrides = VALID[getTableName(table)] ?? {};
    await owner.insert(table).values({ ...Object.fromEntries(values), userId, ...overrides });
  }

  /** Fills every text and JSON column that the deletion empties. */
  async function fillTexts(): Promise<void> {
    for (const table of [...siteTables, ...productTables]) {
      const columns = getTableColumns(table);
      const isOwn = ownerOf(table);
      if (isOwn === null) continue;
      for (const name of removedColumns(table)) {
        const column = columns[name];
        if (column === undefined || !isFillable(column)) continue;
        const marker = markerOf(column);
        const value = column.getSQLType() === "jsonb" ? { typed: marker } : marker;
        const filled = column.getSQLType() === "bytea" ? Buffer.from(marker) : value;
        await owner
          .update(table)
          .set({ [name]: filled })
          .where(and(isOwn));
      }
    }
  }

  function ownerOf(table: PgTable) {
    const { id, userId: ownerColumn } = getTableColumns(table);
    if (getTableName(table) === "user") return eq(id ?? expect.fail("no id"), userId);
    return ownerColumn === undefined ? null : eq(ownerColumn, userId);
  }

  /** Every column whose text contains one of the texts. */
  async function findInDatabase(texts: readonly string[]): Promise<string[]> {
    const sql = database.ownerSql;
    const columns = await sql<{ table: string; column: string; type: string }[]>`
      select table_name as table, column_name as column, data_type as type
      from information_schema.columns where table_schema = 'public'`;
    const found: string[] = [];
    for (const { table, column, type } of columns) {
      const text = type === "bytea" ? `encode("${column}", 'escape')` : `"${column}"::text`;
      const rows = await sql.unsafe(
        `select from "${table}" where exists
          (select from unnest($1::text[]) wanted where strpos(lower(${text}), lower(wanted)) > 0)`,
        [[...texts]],
      );
      if (rows.length > 0) found.push(`${table}.${column}`);
    }
    return found.sort();
  }

  it("leaves no name, address, network address or typed text in the database", async () => {
    const texts = [...Object.values(PERSON), "typed-in-"];
    const before = await findInDatabase(texts);
    for (const table of siteTables) {
      if (ownerOf(table) === null) continue;
      for (const name of removedColumns(table)) {
        const column = getTableColumns(table)[name];
        if (column === undefined || !isFillable(column)) continue;
        expect(before).toContain(`${getTableName(table)}.${sqlName(column)}`);
      }
    }
    await deleteAccount(database.db, { userId, now });
    // The confirmation holds the address until it is sent.
    const confirmation = ["outbox.payload"];
    expect(await findInDatabase([PERSON.email])).toEqual(confirmation);
    await database.ownerSql`
      update outbox set payload = '{}' where idempotency_key = ${`email:account-deleted:${userId}`}`;
    expect(await findInDatabase(texts)).toEqual([]);
  });

  it("deletes the rows of the tables that lose their rows", async () => {
    const losing = siteTables.filter(
      (table) => TABLE_RULES[getTableName(table)]?.removed === "rows",
    );
    for (const table of [...losing, ...productTables]) {
      const isOwn = ownerOf(table);
      if (isOwn === null) continue;
      expect(await owner.select().from(table).where(isOwn), getTableName(table)).toEqual([]);
    }
  });
});

/** Values that the checks of a table require. */
const VALID: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  credit_allocation: { transactionSeq: 1 },
  credit_hold: { expiresAt: new Date(now.getTime() + 1000) },
  free_credit_claim: { giftAt: now, monthsFromAt: now },
  price_change: { fromPriceId: "price_1", toPriceId: "price_2" },
};

/** A valid value of a column that the deletion keeps. */
function valueFor(column: PgColumn): unknown {
  if (column.enumValues?.[0] !== undefined) return column.enumValues[0];
  const type = column.getSQLType();
  if (type === "uuid") return randomUUID();
  if (type === "jsonb") return {};
  if (type === "boolean") return true;
  if (type === "date") return "2026-11-20";
  if (/^(integer|bigint)$/.test(type)) return 1;
  if (type.startsWith("timestamp")) return now;
  return randomUUID();
}

/** Texts without a fixed set of values. Keys, ids and references are left valid. */
function isFillable(column: PgColumn): boolean {
  const isText = ["text", "jsonb", "bytea"].includes(column.getSQLType());
  const isReference = /^(id|userId|role|providerId)$/.test(column.name);
  const isPerson = getTableName(column.table) === "user" && column.name in PERSON;
  return isText && !isReference && !isPerson && column.enumValues === undefined;
}

/** The column's name in the database. */
function sqlName({ name }: PgColumn): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
