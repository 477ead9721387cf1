import { sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { instant } from "../parameters";

/** Whoever books took the time from a clock at most this long ago (`credits-roll-up.sql` says why). */
const SETTLED_AFTER_MS = 3_600_000;
/** Summed in one transaction where there is much to catch up on. */
const STEP_DAYS = 14;

/**
 * Sums what was booked until an hour ago by day and type, for the reports; `credits_day_totals` adds
 * what was booked since. Goes as far as it can before `deadlineMs` (of `performance.now()`) and may
 * be called by any number of workers. Locks nothing that a writer of the ledger waits for.
 */
export async function rollUp(
  db: Database,
  { now, deadlineMs }: { now: Date; deadlineMs: number },
): Promise<void> {
  const to = new Date(now.getTime() - SETTLED_AFTER_MS);
  for (let more = true; more && performance.now() < deadlineMs; ) {
    const [answer] = await db.execute<{ more: boolean }>(
      sql`select credits_roll_up(${instant(to)}, make_interval(days => ${STEP_DAYS}::integer)) as more`,
    );
    more = answer?.more ?? false;
  }
}

/**
 * Proves the sums by the accounts, which count their own transactions, and makes them anew if
 * somebody booked as of a past that was summed already. Answers whether they were right. Reads every
 * account once, and the whole ledger only if it has to make them anew.
 */
export async function checkRollUp(db: Database): Promise<boolean> {
  const [answer] = await db.execute<{ was_right: boolean }>(
    sql`select credits_check_roll_up() as was_right`,
  );
  if (answer === undefined) throw new Error("credits_check_roll_up answered no row");
  return answer.was_right;
}
