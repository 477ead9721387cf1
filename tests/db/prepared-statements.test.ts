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

/** The number of prepared statements on a connection after the same three ran twice. */
async function countPrepared(db: Database): Promise<number> {
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
  it("is prepared once per connection", async () => {
    expect(await countPrepared(createDatabase(database.directUrl, { max: 1 }))).toBe(3);
  });

  it("is not prepared behind a transaction-mode pooler", async () => {
    const pooled = { max: 1, transactionPooler: true };
    expect(await countPrepared(createDatabase(database.directUrl, pooled))).toBe(0);
  });
});
