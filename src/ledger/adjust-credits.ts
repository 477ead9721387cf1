import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { type Booking, bookingSchema, callLedger } from "./call-ledger";
import { credits, instant } from "./parameters";

/**
 * An admin's correction of `amount` credits, up (a lot, expiring at `expiresAt` if given) or down
 * (refused beyond the balance). One call to the database, which locks the account: make it the last
 * statement before COMMIT.
 * @throws InsufficientCredits, InvalidAmount, InvalidExpiry, IdempotencyConflict,
 * CreditAccountNotFound
 */
export async function adjustCredits(
  tx: Transaction,
  adjustment: {
    userId: string;
    key: string;
    amount: number;
    source: string;
    expiresAt?: Date | null;
    now: Date;
  },
): Promise<Booking> {
  return callLedger(
    tx,
    sql`select credits_adjust(${adjustment.userId}, ${adjustment.key}, ${credits(adjustment.amount)},
      ${adjustment.source}, ${instant(adjustment.expiresAt ?? null)}, ${instant(adjustment.now)})
      as answer`,
    bookingSchema,
  );
}
