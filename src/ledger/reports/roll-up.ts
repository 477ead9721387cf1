import { millisecondsInHour } from "date-fns/constants";
import { sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { instant } from "../call-ledger";

/** A writer's `now` is at most this old when it commits (see the SQL of `credits_roll_up`). */
const SETTLED_AFTER_MS = millisecondsInHour;

/** Days per transaction while catching up. */
const STEP_DAYS = 14;

/**
 * Sums the transactions booked until an hour ago by day and type; `credits_day_totals` adds the
 * later ones. Stops before `deadlineMs` (of `performance.now()`); concurrent calls are safe. Never
 * blocks a ledger write.
 */
export async function rollUp(
  db: Database,
  { now, deadlineMs }: { now: Date; deadlineMs: number },
): Promise<void> {
  const to = new Date(now.getTime() - SETTLED_AFTER_MS);
  for (let more = true; more && performance.now() < deadlineMs; ) {
    const [row] = await db.execute<{ more: boolean }>(
      sql`select credits_roll_up(${instant(to)}, make_interval(days => ${STEP_DAYS}::integer)) as more`,
    );
    more = row?.more ?? false;
  }
}

/**
 * Verifies the daily sums against the accounts' transaction counts and rebuilds them when a
 * transaction was booked into a day that was already summed. Returns whether they were correct.
 * Reads every account once, and the whole ledger only to rebuild.
 */
export async function verifyRollUp(db: Database): Promise<boolean> {
  const [row] = await db.execute<{ was_right: boolean }>(
    sql`select credits_check_roll_up() as was_right`,
  );
  if (row === undefined) throw new Error("credits_check_roll_up returned no row.");
  return row.was_right;
}
