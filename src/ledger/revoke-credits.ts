import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { type Booking, bookingSchema, callLedger } from "./call-ledger";
import { credits, instant } from "./parameters";

/**
 * Takes back credits whose payment was refunded or disputed: first from the lots of `source`, then
 * from others in burn order; what was spent already becomes debt, which the next credits settle.
 * One call to the database, which locks the account: make it the last statement before COMMIT.
 * @throws InvalidAmount, IdempotencyConflict, CreditAccountNotFound
 */
export async function revokeCredits(
  tx: Transaction,
  revoke: { userId: string; key: string; amount: number; source: string; now: Date },
): Promise<Booking> {
  return callLedger(
    tx,
    sql`select credits_revoke(${revoke.userId}, ${revoke.key}, ${credits(revoke.amount)},
      ${revoke.source}, ${instant(revoke.now)}) as answer`,
    bookingSchema,
  );
}
