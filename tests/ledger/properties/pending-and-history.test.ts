import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { getBalance, readPendingExpiries } from "@/ledger/reads/balance";
import { getLotHistories } from "@/ledger/reads/lot-history";
import { expectBooksBalanced } from "../../support/books";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import type { LedgerCall } from "../calls";
import { callOf, moveClock } from "./call-generator";
import { MirroredAccount } from "./mirrored-account";
import { type LedgerStep, ledgerSteps } from "./steps";

/**
 * Checks pending expiries and lot histories before and after every call of a random sequence. A
 * failure prints its seed and path. To reproduce it:
 * `FC_SEED=… FC_PATH=… npx vitest run tests/ledger/properties/pending-and-history.test.ts`.
 */
const SEQUENCES = 40;
const STARTS_AT = new Date("2026-01-31T10:00:00Z");

let database: TestDatabase;
let sequences = 0;
/** Counts what the sequences covered. */
const covered = { pending: 0, held: 0, settled: 0, expired: 0, older: 0 };

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(async () => {
  await expectBooksBalanced(database.sql);
  await database.close();
});

describe("readPendingExpiries and getLotHistories", () => {
  it("predict the next write and add up, in random sequences of calls", async () => {
    const seed = Number(process.env.FC_SEED ?? Date.now() % 2 ** 31);
    const path = process.env.FC_PATH;
    await fc.assert(fc.asyncProperty(ledgerSteps, runSequence), {
      seed,
      numRuns: SEQUENCES,
      ...(path !== undefined && { path }),
    });
    if (path === undefined)
      expect(Math.min(...Object.values(covered)), JSON.stringify(covered)).toBeGreaterThan(0);
  }, 300_000);
});

/** Applies the steps of all users of a sequence to one account. */
async function runSequence(steps: ReadonlyArray<LedgerStep | null>): Promise<void> {
  const account = await MirroredAccount.signUp(database, `sequence-${++sequences}`, STARTS_AT);
  const earlier: LedgerCall[] = [];
  let keys = 0;
  let clock = STARTS_AT;
  for (const step of steps.filter((taken) => taken !== null)) {
    const newKey = () => `key:${++keys}`;
    const services = [`${account.userId}-0`, `${account.userId}-1`] as const;
    const context = { model: account.model, earlier, newKey, services };
    clock = moveClock(step.time, { ...context, clock });
    const call = callOf(step, { ...context, clock });
    const { now } = call.input;
    const { version, expiries } = await readPendingExpiries(database.db, {
      userId: account.userId,
      at: now,
    });
    await expectBalanceToFollow(account, now, expiries.at(-1)?.balanceAfter);
    await expectHistoriesToSumUp(account.userId, now);
    earlier.push(call);
    await account.call(call);
    await expectBookedFirst(account.userId, version, expiries);
    await expectHistoriesToSumUp(account.userId, now);
    await expectHistoriesToSumUp(
      account.userId,
      new Date((now.getTime() + STARTS_AT.getTime()) / 2),
    );
    covered.pending += expiries.length;
  }
}

/** The newest balance, pending or booked, is the balance at `at`. */
async function expectBalanceToFollow({ userId, model }: MirroredAccount, at: Date, last?: number) {
  if (at < model.account.asOf) return;
  const { available, held } = await getBalance(database.db, { userId, at });
  const newest = model.account.transactions.at(-1)?.balanceAfter;
  expect(last ?? newest, `available and held at ${at.toISOString()}`).toBe(available + held);
}

/** The write booked the pending expiries first, unless it was refused or replayed. */
async function expectBookedFirst(
  userId: string,
  version: number,
  expiries: Awaited<ReturnType<typeof readPendingExpiries>>["expiries"],
) {
  const booked = await database.sql`
    select t.seq::int, lot_seq::int as "lotSeq", l.type as "lotType", t.amount::int,
      balance_after::int as "balanceAfter", t.source, effective_at as "effectiveAt"
    from credit_transaction t
    left join credit_lot l on l.user_id = t.user_id and l.seq = t.lot_seq
    where t.user_id = ${userId} and t.seq > ${version} order by t.seq
    limit ${expiries.length}`;
  if (booked.length > 0) expect([...booked]).toEqual(expiries);
}

async function expectHistoriesToSumUp(userId: string, at: Date) {
  const lots = await database.sql<{ seq: number; amount: number; available: number }[]>`
    select l.seq::int, l.amount::int, coalesce(a.available, 0)::int as available
    from credit_lot l left join credits_lots_at(${userId}, ${at}) a on a.seq = l.seq
    where l.user_id = ${userId} and l.granted_at <= ${at}`;
  const lotSeqs = lots.map(({ seq }) => seq);
  // A lot requested twice is returned once.
  const of = { userId, at, lotSeqs: [...lotSeqs, ...lotSeqs] };
  const histories = await getLotHistories(database.db, { ...of, partsShown: 2 });
  const whole = await getLotHistories(database.db, { ...of, partsShown: 1_000_000 });
  for (const { seq, amount, available } of lots) {
    const { parts, older } = histories.get(seq) ?? { parts: [], older: { count: 0, amount: 0 } };
    const lost = parts.reduce((sum, part) => sum + part.amount, older.amount);
    const all = whole.get(seq)?.parts ?? [];
    expect(parts, `the latest parts of lot ${seq}`).toEqual(all.slice(0, 2));
    expect(older.count, `the older parts of lot ${seq}`).toBe(Math.max(0, all.length - 2));
    expect(lost, `what lot ${seq} lost by ${at.toISOString()}`).toBe(amount - available);
    covered.older += older.count;
    for (const { what } of parts) {
      if (what === "HELD") covered.held += 1;
      if (what === "SETTLED") covered.settled += 1;
      if (what === "EXPIRE") covered.expired += 1;
    }
  }
}
