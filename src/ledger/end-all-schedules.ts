import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Transaction } from "@/db/client";
import { callLedger } from "./call-ledger";
import { instant } from "./parameters";

/**
 * Ends every schedule of a user whose account is deleted: no period due at or after `endsAt` is
 * granted any more. One call to the database, which locks the account. Answers how many there were.
 */
export async function endAllSchedules(
  tx: Transaction,
  { userId, endsAt }: { userId: string; endsAt: Date },
): Promise<number> {
  return callLedger(
    tx,
    sql`select coalesce(sum(credits_end_schedules(user_id, id, null, ${instant(endsAt)})), 0)::integer as answer
      from credit_schedule where user_id = ${userId}`,
    z.number(),
  );
}
