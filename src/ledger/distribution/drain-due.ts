import { setTimeout as sleep } from "node:timers/promises";
import { type Batch, type Cursor, walkDue } from "./walk-due";

/** Why something that is due was left: the time was up, or accounts stayed locked by others. */
export type Remaining = "nothing" | "time is up" | "busy accounts";

/**
 * Batches under way at a time: while one waits for the disk the other computes. On two cores a second
 * one brought 1.45 times the rate, a third one nothing more (dev/bench/distribute.ts).
 */
export const CONCURRENCY = 2;
const PAUSE_MS = 100;

/**
 * Works off what is due, batch by batch, and comes back `passes` times at most for accounts that were
 * locked when it passed. Stops at `deadlineMs` (milliseconds of `performance.now()`). Answers what it
 * left.
 */
export async function drainDue(work: {
  readonly deadlineMs: number;
  readonly batchSize: number;
  readonly lanes: number;
  readonly passes: number;
  readonly isAnythingDue: () => Promise<boolean>;
  readonly batchAfter: (cursor: Cursor) => PromiseLike<readonly Batch[]>;
}): Promise<Remaining> {
  for (let pass = 0; pass < work.passes; pass++) {
    if (!(await work.isAnythingDue())) return "nothing";
    // Whoever is left is locked, by a write of their own or by another worker.
    if (pass > 0) await sleep(PAUSE_MS);
    if ((await walkInLanes(work)).includes("time is up")) return "time is up";
  }
  return (await work.isAnythingDue()) ? "busy accounts" : "nothing";
}

const nothingMore: Batch = { scanned: 0, next_at: null, next_user: null };

/** When a lane fails the others end with their batch, and are waited for: nothing goes on unseen. */
async function walkInLanes(work: Parameters<typeof drainDue>[0]) {
  let hasFailed = false;
  const batchAfter = async (cursor: Cursor): Promise<readonly Batch[]> => {
    if (hasFailed) return [nothingMore];
    try {
      return await work.batchAfter(cursor);
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
  const lanes = Array.from({ length: work.lanes }, () =>
    walkDue(work.deadlineMs, work.batchSize, batchAfter),
  );
  await Promise.allSettled(lanes);
  return Promise.all(lanes);
}
