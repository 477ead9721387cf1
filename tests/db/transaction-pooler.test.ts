import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createDatabase, type Database } from "@/db/client";
import { distributeCredits } from "@/ledger/distribution/distribute";
import { grantCredits } from "@/ledger/grant";
import { getBalance } from "@/ledger/reads/balance";
import { searchLedger } from "@/ledger/reads/search";
import { birthInputSchema } from "@/products/bazi/birth/input";
import { createReading } from "@/products/bazi/create-reading";
import { consumeAttempt } from "@/rate-limit/rate-limit";
import { Browser, createTestAuth, signUpInput } from "../auth/auth-fixture";
import { seedDueUsers } from "../ledger/distribution/due-users";
import { birthLike, NOW } from "../products/bazi/births";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";

let database: TestDatabase;
/** Configured for a transaction-mode pooler, with one connection whose session can be inspected. */
let pooled: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  pooled = createDatabase(database.appUrl, { max: 1, transactionPooler: true });
});
afterAll(async () => {
  await pooled.$client.end({ timeout: 5 });
  await database.close();
});

/** Session state that a pooler would pass to the next client. */
async function readSessionState() {
  const [left] = await pooled.execute<Record<string, unknown>>(sql`select
    (select array_agg(statement) from pg_prepared_statements) as prepared,
    (select array_agg(name) from pg_cursors where is_holdable) as cursors,
    (select count(*)::int from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()) as locks,
    (select count(*)::int from pg_class where relpersistence = 't') as temporary,
    pg_listening_channels() is not null as listening,
    current_setting('random_page_cost') as page_cost,
    current_setting('statement_timeout') as statement_timeout,
    current_setting('TimeZone') as zone`);
  return left ?? null;
}

describe("the application behind a transaction-mode pooler", () => {
  it("runs sign-up, a grant, a reading and a distribution and leaves no session state", async () => {
    const before = await readSessionState();
    const response = await new Browser(createTestAuth(pooled)).post(
      "/sign-up/email",
      signUpInput("pooled@example.com"),
    );
    expect(response.status).toBe(200);

    const userId = "pooled-reader";
    await pooled.transaction((tx) =>
      grantCredits(tx, {
        userId,
        key: "test:grant",
        amount: 100,
        type: "ADMIN_ADJUST",
        source: "test",
        expiresAt: null,
        paid: false,
        now: NOW,
      }),
    );
    const birth = birthInputSchema.parse(birthLike());
    const request = { userId, readingId: crypto.randomUUID(), birth, keepInProfile: true };
    expect(await createReading(pooled, request, () => NOW)).toMatchObject({ created: true });
    expect(await getBalance(pooled, { userId, at: NOW })).toMatchObject({ available: 90, held: 0 });
    const ledger = await searchLedger(pooled, {
      userId,
      filter: {},
      turn: {},
      limit: 50,
      at: NOW,
    });
    expect(ledger.rows.map(({ amount }) => amount)).toEqual([-10, 100]);

    await seedDueUsers(database, { count: 20 });
    const run = await distributeCredits(pooled, {
      now: new Date("2027-06-01T00:00:00Z"),
      deadlineMs: Number.POSITIVE_INFINITY,
    });
    expect(run).toMatchObject({ errorCount: 0, finishedAt: expect.any(Date) });
    await consumeAttempt(pooled, {
      key: "pooled",
      secret: "s",
      limit: 1,
      windowSeconds: 60,
      now: NOW,
    });

    expect(await readSessionState()).toEqual(before);
    await expectBooksBalanced(database.sql);
  });
});
