import { SpendLimits } from "@qiflow/ledger-model/limits";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Database } from "@/db/client";
import { SpendBatcher, type StandAloneSpend } from "@/ledger/spend-batcher";
import { expectBooksBalanced } from "../../support/books";
import { connectToDatabase } from "../../support/connect-to-database";
import { createTestDatabase, type TestDatabase } from "../../support/database";
import { type LedgerCall, type Outcome, refusalOf } from "../calls";
import { callOf, moveClock } from "./call-generator";
import { MirroredAccount } from "./mirrored-account";
import { type LedgerStep, ledgerSteps } from "./steps";

const SEQUENCES = process.env.QIFLOW_FULL === "1" ? 400 : 40;
const USERS = 3;
const STARTS_AT = new Date("2026-01-31T10:00:00Z");

/** One spend of a batch, as a choice that the account's state resolves. */
interface BatchedSpend {
  readonly user: number;
  /** Null: all that is available. */
  readonly amount: number | null;
  /** A key of the account, or the whole of an earlier spend in the batch. */
  readonly key: "new" | "used" | "repeated";
  readonly source: string;
  readonly service: 0 | 1 | null;
  readonly feature: "reading" | null;
  readonly pick: number;
}

const batch: fc.Arbitrary<BatchedSpend[]> = fc.array(
  fc.record({
    user: fc.nat(USERS - 1),
    amount: fc.oneof(
      { weight: 10, arbitrary: fc.integer({ min: 1, max: 25 }) },
      { weight: 1, arbitrary: fc.constantFrom(null, 0, 10_000) },
    ),
    key: fc.oneof(
      { weight: 12, arbitrary: fc.constant("new" as const) },
      { weight: 1, arbitrary: fc.constantFrom("used" as const, "repeated" as const) },
    ),
    source: fc.constantFrom("reading:a", "reading:a", "reading:b"),
    service: fc.constantFrom(null, null, 0 as const, 1 as const),
    feature: fc.constantFrom(null, "reading" as const),
    pick: fc.nat(1000),
  }),
  { minLength: 1, maxLength: 14, size: "max" },
);

/** Batches between the steps that grant, hold, expire, freeze and so on. */
const sequence = fc.record({
  steps: ledgerSteps,
  batches: fc.array(batch, { minLength: 6, maxLength: 8, size: "max" }),
  /** A hard cap of the first service from the start, because random steps seldom set one that is reached. */
  cap: fc.oneof(fc.constant(null), fc.integer({ min: 10, max: 60 })),
});

let database: TestDatabase;
let db: Database;
let clock: Date;
/** The number of batched spends by outcome. */
const tally = new Map<string, number>();

beforeAll(async () => {
  database = await createTestDatabase();
  db = connectToDatabase(database.appUrl, { max: 2 });
});

afterAll(async () => {
  await db.$client.end();
  await database.close();
});

describe("a batch of spends", () => {
  it("books what the model books one by one, and leaves the same rows", async () => {
    const batcher = new SpendBatcher(db);
    let nth = 0;
    await fc.assert(
      fc.asyncProperty(sequence, (random) => runSequence(batcher, `batched-${++nth}`, random)),
      { numRuns: SEQUENCES },
    );
    for (const outcome of OUTCOMES)
      expect(tally.get(outcome) ?? 0, outcome).toBeGreaterThanOrEqual(3);
  }, 600_000);
});

const OUTCOMES = [
  "booked",
  "replayed",
  "InsufficientCredits",
  "IdempotencyConflict",
  "AccountFrozen",
  "InvalidAmount",
  "SpendLimitExceeded",
];

async function runSequence(
  batcher: SpendBatcher,
  name: string,
  {
    steps,
    batches,
    cap,
  }: {
    steps: ReadonlyArray<LedgerStep | null>;
    batches: ReadonlyArray<readonly BatchedSpend[]>;
    cap: number | null;
  },
): Promise<void> {
  const accounts: MirroredAccount[] = [];
  const limits = new SpendLimits();
  const services = [`${name}-x`, `${name}-y`] as const;
  for (let user = 0; user < USERS; user += 1)
    accounts.push(
      await MirroredAccount.signUp({ db, sql: database.sql }, `${name}-${user}`, STARTS_AT, limits),
    );
  clock = STARTS_AT;
  if (cap !== null) {
    const limit = { serviceId: services[0], window: "total", amount: cap, isHard: true } as const;
    await accounts[0]?.call({ write: "limit", input: { ...limit, isOfUser: false, now: clock } });
  }
  let keys = 0;
  const newKey = () => `key:${++keys}`;
  const earlier = accounts.map((): LedgerCall[] => []);
  for (const [index, step] of steps.entries()) {
    const account = accounts[step?.user ?? 0];
    if (step === null || account === undefined) continue;
    const context = {
      model: account.model,
      clock,
      earlier: earlier[step.user] ?? [],
      newKey,
      services,
    };
    clock = moveClock(step.time, context);
    const call = callOf(step, { ...context, clock });
    earlier[step.user]?.push(call);
    await account.call(call);
    if (call.write === "sweep")
      for (const other of accounts) if (other !== account) await other.call(call);
    const spends = index % 3 === 0 ? batches[index / 3] : undefined;
    if (spends !== undefined) await spendTogether(batcher, { accounts, services, spends, newKey });
  }
  for (const account of accounts) {
    await account.expectSignals();
    await expectBooksBalanced(database.sql, account.userId);
  }
}

async function spendTogether(
  batcher: SpendBatcher,
  {
    accounts,
    services,
    spends,
    newKey,
  }: {
    accounts: readonly MirroredAccount[];
    services: readonly [string, string];
    spends: readonly BatchedSpend[];
    newKey: () => string;
  },
): Promise<void> {
  const resolved: Array<StandAloneSpend & { readonly account: MirroredAccount }> = [];
  for (const { user, amount, key, source, service, feature, pick } of spends) {
    const account = accounts[user] as MirroredAccount;
    const { transactions, holds } = account.model.account;
    const earlier = resolved.filter((spend) => spend.account === account);
    const repeated = key === "repeated" ? earlier[pick % Math.max(1, earlier.length)] : undefined;
    const usedKeys = key === "used" ? [...transactions, ...holds].map((row) => row.key) : [];
    resolved.push(
      repeated ?? {
        account,
        userId: account.userId,
        key: usedKeys[pick % Math.max(1, usedKeys.length)] ?? newKey(),
        amount: amount ?? Math.max(1, account.model.balanceNow(clock).available),
        source,
        now: clock,
        ...(service !== null && { serviceId: services[service] }),
        ...(feature !== null && { feature }),
      },
    );
  }
  const outcomes = await Promise.all(
    resolved.map(
      ({ account: _, ...spend }): Promise<Outcome> =>
        batcher.spend(spend).then((result) => ({ result }), refusalOf),
    ),
  );
  for (const [index, { account, userId: _, ...input }] of resolved.entries()) {
    const outcome = outcomes[index] as Outcome;
    account.expectOutcome({ write: "spend", input }, outcome);
    const name = nameOf(outcome);
    tally.set(name, (tally.get(name) ?? 0) + 1);
  }
  for (const account of accounts) await account.expectSame();
}

function nameOf(outcome: Outcome): string {
  if ("refusal" in outcome) return outcome.refusal;
  return (outcome.result as { replayed: boolean }).replayed ? "replayed" : "booked";
}
