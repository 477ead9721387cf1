import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { migrateDatabase } from "@/db/migrate";
import { createTestDatabase, type TestDatabase } from "../support/database";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});

afterAll(() => database.close());

async function migrate(appRole: string): Promise<string[]> {
  const lines: string[] = [];
  await migrateDatabase({
    ownerUrl: database.ownerUrl,
    appRole,
    log: (line) => lines.push(line),
  });
  return lines;
}

describe("migrateDatabase", () => {
  it("lets the application read the ledger and write it only through functions", async () => {
    const { sql } = database;
    await expect(sql`select from credit_transaction`).resolves.toEqual([]);
    const refused = [
      "delete from credit_transaction",
      "update credit_lot set remaining = 0",
      "truncate credit_account cascade",
      "update installed_function_set set set_hash = ''",
    ];
    for (const statement of refused) {
      await expect(sql.unsafe(statement), statement).rejects.toThrow("permission denied for table");
    }
  });

  it("changes nothing when it runs a second time", async () => {
    expect(await migrate("qiflow_app")).toEqual([]);
  });

  it("serializes concurrent migrations", async () => {
    await database.ownerSql`update installed_function_set set set_hash = 'of an older release'`;
    const runs = await Promise.all(Array.from({ length: 5 }, () => migrate("qiflow_app")));
    expect(runs.flat()).toEqual([expect.stringMatching(/^Installed the SQL functions/)]);
  });

  it("removes the functions that an older release installed afterwards", async () => {
    const { ownerSql, sql } = database;
    // With another argument list, the same name is another function, and calls fit both.
    await ownerSql`
      create function credits_put_grant(
        acc credit_account, p_type credit_type, p_operation credit_operation, p_amount bigint,
        p_key text, p_source text, p_expires_at timestamptz, p_paid boolean, p_priority integer,
        p_related_seq bigint default null
      ) returns credit_account language sql as 'select acc'`;
    const grant = () => sql`
      select credits_grant('user_1', 'grant_1', 5, 'DAILY_SIGNIN', 'test', null, false, 0, now())`;
    await expect(grant()).rejects.toThrow("is not unique");
    await ownerSql`update installed_function_set set set_hash = 'of an older release'`;
    await migrate("qiflow_app");
    await expect(grant()).resolves.toHaveLength(1);
  });

  it("warns when the application would own the ledger", async () => {
    expect(await migrate("qiflow_owner")).toEqual([
      expect.stringMatching(/^Warning: .*use the role "qiflow_owner"/),
    ]);
  });

  it("names the application's role when it is missing", async () => {
    await expect(migrate("nobody_we_know")).rejects.toThrow('CREATE ROLE "nobody_we_know" LOGIN');
  });
});
