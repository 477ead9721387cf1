import { setTimeout as sleep } from "node:timers/promises";

/** Where a batch ended. */
export interface Batch extends Record<string, unknown> {
  /** Due rows the batch found and locked. */
  readonly scanned: number;
  readonly next_at: string | null;
  readonly next_user: string | null;
}

/** The position in an index of due rows after which a batch starts. */
export interface Cursor {
  /** Text, because a Date loses the microseconds. */
  readonly at: string;
  readonly user: string;
}

/** Why draining ended: nothing is due any more, the deadline passed, or accounts stayed locked. */
export type DrainOutcome = "drained" | "deadline reached" | "accounts busy";

/**
 * Batches in flight: one computes while another waits for the disk. On two cores a second batch
 * raised the rate 1.45 times and a third added nothing (dev/bench/distribute.ts).
 */
export const CONCURRENCY = 2;

const PAUSE_MS = 100;

interface DrainTask {
  /** Milliseconds of `performance.now()`. */
  readonly deadlineMs: number;
  readonly batchSize: number;
  readonly concurrency: number;
  readonly passes: number;
  readonly isAnythingDue: () => Promise<boolean>;
  readonly batchAfter: (cursor: Cursor) => PromiseLike<readonly Batch[]>;
}

/**
 * Processes everything due in batches, in at most `passes` passes: each pass retries the accounts
 * that were locked during the one before. Stops at the deadline.
 */
export async function drainDue(task: DrainTask): Promise<DrainOutcome> {
  for (let pass = 0; pass < task.passes; pass++) {
    if (!(await task.isAnythingDue())) return "drained";
    // The rest is locked by the owners' own writes or by another worker.
    if (pass > 0) await sleep(PAUSE_MS);
    if ((await scanConcurrently(task)).includes("deadline reached")) return "deadline reached";
  }
  return (await task.isAnythingDue()) ? "accounts busy" : "drained";
}

/**
 * Scans the due rows once in batches, each from where the last one ended: restarting at the front
 * would read the index entries that the scan itself made dead. Stops at `deadlineMs` (of
 * `performance.now()`).
 */
export async function scanDue<T extends Batch>(
  deadlineMs: number,
  limit: number,
  batchAfter: (cursor: Cursor) => PromiseLike<readonly T[]>,
): Promise<"scanned" | "deadline reached"> {
  let cursor: Cursor = { at: "-infinity", user: "" };
  while (performance.now() < deadlineMs) {
    const [batch] = await batchAfter(cursor);
    if (batch === undefined) throw new Error("The batch function returned no row.");
    if (batch.scanned < limit || batch.next_at === null || batch.next_user === null)
      return "scanned";
    cursor = { at: batch.next_at, user: batch.next_user };
  }
  return "deadline reached";
}

const emptyBatch: Batch = { scanned: 0, next_at: null, next_user: null };

/** When one scan fails, the others stop after their current batch and are awaited. */
async function scanConcurrently(task: DrainTask) {
  let hasFailed = false;
  const batchAfter = async (cursor: Cursor): Promise<readonly Batch[]> => {
    if (hasFailed) return [emptyBatch];
    try {
      return await task.batchAfter(cursor);
    } catch (error) {
      hasFailed = true;
      throw error;
    }
  };
  const scans = Array.from({ length: task.concurrency }, () =>
    scanDue(task.deadlineMs, task.batchSize, batchAfter),
  );
  await Promise.allSettled(scans);
  return Promise.all(scans);
}
