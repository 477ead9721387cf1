import { millisecondsInHour } from "date-fns/constants";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { firstSeqFrom } from "@/ledger/reads/search";
import { createTestDatabase, type TestDatabase } from "../../support/database";

const ROWS = 20_000;
const START = Date.UTC(2024, 0, 1);
const userId = "long";

/** Rows an hour apart, for the planner only; they do not balance. */
let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  const { ownerSql } = database;
  await ownerSql`insert into credit_account (user_id, as_of, version) values (${userId}, now(), ${ROWS})`;
  await ownerSql`
    insert into credit_transaction (user_id, seq, type, operation, amount, balance_after,
      idempotency_key, source, booked_at, effective_at)
    select ${userId}, n, 'USAGE', 'spend', -1, 0, 'k' || n, 'reading:' || n, at, at
    from generate_series(1, ${ROWS}::integer) n,
      lateral (select timestamptz '2024-01-01T00:00:00Z' + (n - 1) * interval '1 hour' as at) t`;
  await ownerSql`analyze credit_transaction`;
});
afterAll(() => database.close());

describe("firstSeqFrom in a ledger of 20,000 rows", () => {
  const from = new Date(START + 19_900 * millisecondsInHour);

  it("finds the first number at or after an instant", async () => {
    const [found] = await database.db.execute<{ seq: string }>(
      sql`select ${firstSeqFrom(userId, from)} as seq`,
    );
    expect(Number(found?.seq)).toBe(19_901);
  });

  it("lets a query read only the last rows through the primary key", async () => {
    const plan = await database.db.execute<{ "QUERY PLAN": string }>(sql`
      explain (analyze, timing off, summary off)
      select sum(amount) from credit_transaction
      where user_id = ${userId} and seq >= ${firstSeqFrom(userId, from)}`);
    const text = plan.map((line) => line["QUERY PLAN"]).join("\n");
    expect(text).toMatch(/(Index|Bitmap Index) Scan (using|on) credit_transaction_user_id_seq_pk/);
    expect(text).not.toContain("Seq Scan on credit_transaction");
    const rowsRead = [
      ...text.matchAll(/credit_transaction.*actual rows=([\d.]+) loops=(\d+)/g),
    ].map(([, rows, loops]) => Number(rows) * Number(loops));
    expect(Math.max(...rowsRead)).toBe(100);
  });
});
