import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDatabase, type Database } from "@/db/client";
import { user } from "@/db/schema";
import { createTestDatabase, type TestDatabase } from "../support/database";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.close());

/** How many statements one connection remembers after the same three were run on it twice. */
async function remembered(db: Database): Promise<number> {
  for (let time = 0; time < 2; time += 1) {
    await db
      .select({ id: user.id })
      .from(user)
      .where(eq(user.id, `user_${time}`));
    await db.transaction(async (tx) => {
      await tx
        .select({ name: user.name })
        .from(user)
        .where(eq(user.id, `user_${time}`));
      await tx.execute(sql`select ${time}::integer + 1 as next`);
    });
  }
  const [row] = await db.execute<{ count: string }>(
    sql`select count(*) as count from pg_prepared_statements`,
  );
  await db.$client.end({ timeout: 5 });
  return Number(row?.count);
}

describe("a statement with parameters", () => {
  it("is prepared once a connection, and only bound after that", async () => {
    expect(await remembered(createDatabase(database.appUrl, { max: 1 }))).toBe(3);
  });

  it("is never kept behind a transaction-mode pooler", async () => {
    const pooled = { max: 1, transactionPooler: true };
    expect(await remembered(createDatabase(database.appUrl, pooled))).toBe(0);
  });
});
