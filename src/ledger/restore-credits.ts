import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { type Booking, bookingSchema, callLedger } from "./call-ledger";
import { instant } from "./parameters";

/**
 * Undoes one revocation, whole and once: its debt is cancelled, then its credits go back to their
 * lots; what has expired meanwhile comes back as a new lot with the validity it had left. The
 * answer's amount is the whole restored. One call to the database, which locks the account: make it
 * the last statement before COMMIT.
 * @throws TransactionNotFound, AlreadyRestored, IdempotencyConflict, CreditAccountNotFound
 */
export async function restoreCredits(
  tx: Transaction,
  restore: { userId: string; revokeSeq: number; key: string; now: Date },
): Promise<Booking> {
  return callLedger(
    tx,
    sql`select credits_restore(${restore.userId}, ${restore.revokeSeq}::bigint, ${restore.key},
      ${instant(restore.now)}) as answer`,
    bookingSchema,
  );
}
