import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getBalance, readPendingExpiries } from "@/ledger/reads/balance";
import { getLotHistories } from "@/ledger/reads/lot-history";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import type { LedgerCall } from "./ledger-calls";
import { callOf, moveClock } from "./ledger-fixture";
import { type LedgerStep, ledgerStory } from "./ledger-steps";
import { LedgerTwin } from "./ledger-twin";

/**
 * Random lives, and before and after every write of theirs: what is told as pending is what the write
 * books first, and every lot's history sums up. A failure prints its seed and path; the same life
 * again: `FC_SEED=… FC_PATH=… npx vitest run tests/ledger/pending-and-history.test.ts`.
 */
const LIVES = 40;
const BORN_AT = new Date("2026-01-31T10:00:00Z");

let database: TestDatabase;
let lives = 0;
/** How often there was something to tell, so that the test can't pass for want of it. */
const told = { pending: 0, held: 0, settled: 0, expired: 0, older: 0 };

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

test("what is pending is booked as told, and the parts of a lot sum up to what it lost", async () => {
  const seed = Number(process.env.FC_SEED ?? Date.now() % 2 ** 31);
  const path = process.env.FC_PATH;
  await fc.assert(fc.asyncProperty(ledgerStory, live), {
    ...{ seed, numRuns: LIVES, ...(path !== undefined && { path }) },
  });
  if (path === undefined)
    expect(Math.min(...Object.values(told)), JSON.stringify(told)).toBeGreaterThan(0);
}, 300_000);

/** One user's life: the steps of all of a story's users are theirs. */
async function live(story: ReadonlyArray<LedgerStep | null>): Promise<void> {
  const twin = await LedgerTwin.signUp(database, `life-${++lives}`, BORN_AT);
  const earlier: LedgerCall[] = [];
  let keys = 0;
  let clock = BORN_AT;
  for (const step of story.filter((taken) => taken !== null)) {
    const fixture = { model: twin.model, earlier, newKey: () => `key:${++keys}` };
    clock = moveClock(step.time, { ...fixture, clock });
    const call = callOf(step, { ...fixture, clock });
    const { now } = call.input;
    const { version, expiries } = await readPendingExpiries(database.db, {
      userId: twin.userId,
      at: now,
    });
    await expectBalanceToFollow(twin, now, expiries.at(-1)?.balanceAfter);
    await expectHistoriesToSumUp(twin.userId, now);
    earlier.push(call);
    await twin.call(call);
    await expectBookedFirst(twin.userId, version, expiries);
    await expectHistoriesToSumUp(twin.userId, now);
    await expectHistoriesToSumUp(twin.userId, new Date((now.getTime() + BORN_AT.getTime()) / 2));
    told.pending += expiries.length;
  }
}

/** The last pending row's balance is the balance of that instant, as is the last booked one's with none. */
async function expectBalanceToFollow({ userId, model }: LedgerTwin, at: Date, last?: number) {
  if (at < model.account.asOf) return;
  const { available, held } = await getBalance(database.db, { userId, at });
  const newest = model.account.transactions.at(-1)?.balanceAfter;
  expect(last ?? newest, `available and held at ${at.toISOString()}`).toBe(available + held);
}

/** Unless the write was refused or repeated: then nothing was booked. */
async function expectBookedFirst(
  userId: string,
  version: number,
  expiries: Awaited<ReturnType<typeof readPendingExpiries>>["expiries"],
) {
  const booked = await database.sql`
    select seq::int, lot_seq::int as "lotSeq", amount::int, balance_after::int as "balanceAfter",
      source, effective_at as "effectiveAt"
    from credit_transaction where user_id = ${userId} and seq > ${version} order by seq
    limit ${expiries.length}`;
  if (booked.length > 0) expect([...booked]).toEqual(expiries);
}

async function expectHistoriesToSumUp(userId: string, at: Date) {
  const lots = await database.sql<{ seq: number; amount: number; left: number }[]>`
    select l.seq::int, l.amount::int, coalesce(a.available, 0)::int as left
    from credit_lot l left join credits_lots_at(${userId}, ${at}) a on a.seq = l.seq
    where l.user_id = ${userId} and l.granted_at <= ${at}`;
  const lotSeqs = lots.map(({ seq }) => seq);
  // A lot asked for twice is told once.
  const of = { userId, at, lotSeqs: [...lotSeqs, ...lotSeqs] };
  const histories = await getLotHistories(database.db, { ...of, partsShown: 2 });
  const whole = await getLotHistories(database.db, { ...of, partsShown: 1_000_000 });
  for (const { seq, amount, left } of lots) {
    const { parts, older } = histories.get(seq) ?? { parts: [], older: { count: 0, amount: 0 } };
    const gone = parts.reduce((sum, part) => sum + part.amount, older.amount);
    const all = whole.get(seq)?.parts ?? [];
    expect(parts, `the latest parts of lot ${seq}`).toEqual(all.slice(0, 2));
    expect(older.count, `the older parts of lot ${seq}`).toBe(Math.max(0, all.length - 2));
    expect(gone, `what lot ${seq} lost by ${at.toISOString()}`).toBe(amount - left);
    told.older += older.count;
    for (const { what } of parts) {
      if (what === "HELD") told.held += 1;
      if (what === "SETTLED") told.settled += 1;
      if (what === "EXPIRE") told.expired += 1;
    }
  }
}
