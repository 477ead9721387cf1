import { type SQL, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { instant } from "../call-ledger";

/**
 * The instant of a read. `now`: the current state. If a server whose clock is ahead has written to the
 * account, the read takes that write's instant, so that it never hides what was granted. `at`: exactly
 * this instant, for history.
 */
export type ReadAt = { readonly now: Date } | { readonly at: Date };

/** The instant as SQL. The rule is in `credits_read_instant`. */
export function instantOf(userId: string, when: ReadAt): SQL {
  return "at" in when
    ? instant(when.at)
    : sql`credits_read_instant(${userId}, ${instant(when.now)})`;
}

/** The instant as a date, for reads that compute with it. One query for `now`, none for `at`. */
export async function resolveInstant(
  reader: Executor,
  userId: string,
  when: ReadAt,
): Promise<Date> {
  if ("at" in when) return when.at;
  const [row] = await reader.execute<{ at: string }>(sql`select ${instantOf(userId, when)} as at`);
  if (row === undefined) throw new Error("credits_read_instant returned no row.");
  return new Date(row.at);
}
