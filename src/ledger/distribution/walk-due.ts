/** What a batch function answers of where it got to. */
export interface Batch extends Record<string, unknown> {
  /** How many due rows it found and locked. */
  readonly scanned: number;
  readonly next_at: string | null;
  readonly next_user: string | null;
}

/** The place in an index of due things after which a batch begins. */
export interface Cursor {
  /** As text, so that no microsecond is lost. */
  readonly at: string;
  readonly user: string;
}

/**
 * Walks once over what is due, batch by batch, each from where the last one ended: a run must not
 * wade through the index entries that it has made dead itself. Stops when the time (milliseconds of
 * `performance.now()`) is up.
 */
export async function walkDue<T extends Batch>(
  deadlineMs: number,
  limit: number,
  batchAfter: (cursor: Cursor) => PromiseLike<readonly T[]>,
): Promise<"walked" | "time is up"> {
  let cursor: Cursor = { at: "-infinity", user: "" };
  while (performance.now() < deadlineMs) {
    const [batch] = await batchAfter(cursor);
    if (batch === undefined) throw new Error("A batch function answered no row.");
    if (batch.scanned < limit || batch.next_at === null || batch.next_user === null)
      return "walked";
    cursor = { at: batch.next_at, user: batch.next_user };
  }
  return "time is up";
}
