import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDatabase } from "@/db/client";
import { expectBooksBalanced } from "../support/books";
import { createTestDatabase, type TestDatabase } from "../support/database";
import type { LedgerCall, Outcome } from "./ledger-calls";
import { callOf, moveClock } from "./ledger-fixture";
import { type LedgerStep, ledgerStory } from "./ledger-steps";
import { END_OF_TIME, LedgerTwin, type TwinDatabase } from "./ledger-twin";

/**
 * Random stories told to the model and to Postgres. A failure prints its seed and path; the same
 * story again: `FC_SEED=… FC_PATH=… npx vitest run tests/ledger/properties.test.ts`.
 * `npm run soak:credits` never ends and says how far it is.
 */
const WORKERS = 3;
const STORIES = 501;
const SOAK = process.env.QIFLOW_SOAK === "1";
const STORY_STARTS_AT = new Date("2026-01-31T10:00:00Z");

/** Each worker in a database of its own, so that a story's expiry job meets no other's users. */
interface Worker extends TwinDatabase {
  readonly name: string;
  close(): Promise<void>;
}

const workers: Worker[] = [];
let stories = 0;
/** How often each kind of call came to what: "capture HoldLapsed" → 31. */
const tally = new Map<string, number>();

beforeAll(async () => {
  for (let index = 0; index < WORKERS; index += 1) workers.push(await startWorker(index));
});

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.close()));
});

test(
  "the model and the database tell the same story",
  async () => {
    const started = performance.now();
    const seed = Number(process.env.FC_SEED ?? Date.now() % 2 ** 31);
    for (let round = 0; round === 0 || SOAK; round += 1) {
      await tellStories(seed + round * WORKERS);
      const seconds = (performance.now() - started) / 1000;
      const calls = [...tally.values()].reduce((sum, times) => sum + times, 0);
      console.log(
        `seed ${seed + round * WORKERS}: ${stories} stories, ${calls} calls, ` +
          `${Math.round(calls / seconds)} calls/s`,
      );
    }
    if (process.env.FC_PATH === undefined) expectEverythingHappened();
  },
  SOAK ? 0 : 900_000,
);

function count(call: LedgerCall, outcome: Outcome): void {
  const what = `${call.write} ${"refusal" in outcome ? outcome.refusal : "done"}`;
  tally.set(what, (tally.get(what) ?? 0) + 1);
}

/** Stories that only ever met refusals would prove nothing, nor would stories that met none. */
function expectEverythingHappened(): void {
  expect(stories).toBeGreaterThanOrEqual(500);
  const seldom = [
    ...[
      "grant",
      "spend",
      "hold",
      "capture",
      "release",
      "refund",
      "revoke",
      "restore",
      "adjust",
    ].map((write) => ({ what: `${write} done`, atLeast: 50 })),
    ...REFUSALS.map((what) => ({ what, atLeast: 1 })),
  ].filter(({ what, atLeast }) => (tally.get(what) ?? 0) < atLeast);
  expect(seldom, "what the stories met too seldom").toEqual([]);
}

const REFUSALS = [
  "grant IdempotencyConflict",
  "grant InvalidExpiry",
  "spend InsufficientCredits",
  "spend AccountFrozen",
  "spend InvalidAmount",
  "hold InsufficientCredits",
  "hold AccountFrozen",
  "hold IdempotencyConflict",
  "capture HoldNotFound",
  "capture HoldClosed",
  "capture HoldLapsed",
  "capture InvalidAmount",
  "release HoldNotFound",
  "release HoldClosed",
  "release IdempotencyConflict",
  "refund TransactionNotFound",
  "refund RefundExceedsSpend",
  "revoke IdempotencyConflict",
  "restore TransactionNotFound",
  "restore AlreadyRestored",
  "adjust InsufficientCredits",
];

async function tellStories(seed: number): Promise<void> {
  const path = process.env.FC_PATH;
  await Promise.all(
    workers.slice(0, path === undefined ? WORKERS : 1).map((worker, index) =>
      fc.assert(
        fc.asyncProperty(ledgerStory, (story) => tellStory(worker, story)),
        { seed: seed + index, numRuns: STORIES / WORKERS, ...(path === undefined ? {} : { path }) },
      ),
    ),
  );
}

/** Takes the steps one by one. A failure tells the calls that led to it. */
async function tellStory(worker: Worker, steps: ReadonlyArray<LedgerStep | null>): Promise<void> {
  const told: string[] = [];
  try {
    await takeSteps(
      worker,
      steps.filter((step) => step !== null),
      (userId, { write, input }) => told.push(`${userId} ${write} ${JSON.stringify(input)}`),
    );
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}\n\nafter\n${told.join("\n")}`, { cause: error });
  }
}

async function takeSteps(
  worker: Worker,
  story: readonly LedgerStep[],
  tell: (userId: string, call: LedgerCall) => void,
): Promise<void> {
  stories += 1;
  const name = `${worker.name}-${stories}`;
  const users = await Promise.all(
    [...new Set(story.map((step) => step.user))].map(async (user) => ({
      user,
      twin: await LedgerTwin.signUp(worker, `${name}-${user}`, STORY_STARTS_AT),
      earlier: [] as LedgerCall[],
    })),
  );
  let clock = STORY_STARTS_AT;
  let keys = 0;
  for (const step of story) {
    const actor = users.find(({ user }) => user === step.user);
    if (actor === undefined) throw new Error("A step names nobody.");
    const { twin, earlier } = actor;
    const newKey = () => `key:${++keys}`;
    clock = moveClock(step.time, { model: twin.model, clock, earlier, newKey });
    const call = callOf(step, { model: twin.model, clock, earlier, newKey });
    earlier.push(call);
    tell(twin.userId, call);
    count(call, await twin.call(call));
    if (call.write === "sweep") for (const other of users) await other.twin.call(call);
  }
  for (const { twin } of users) {
    await twin.call({ write: "sweep", input: { now: END_OF_TIME } });
    twin.expectPastUnchanged();
    await expectBooksBalanced(worker.sql, twin.userId);
  }
}

async function startWorker(index: number): Promise<Worker> {
  const database: TestDatabase = await createTestDatabase();
  // An instant is the same in every zone. These sessions are in one that has summer time, where an
  // interval that was counted in days would show.
  const url = new URL(database.appUrl);
  url.searchParams.set("TimeZone", "America/New_York");
  const db = createDatabase(url.href, { max: 2 });
  return {
    name: `w${index}`,
    db,
    sql: database.sql,
    async close() {
      await db.$client.end();
      await database.close();
    },
  };
}
