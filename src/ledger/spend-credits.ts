import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { type Booking, bookingSchema, callLedger } from "./call-ledger";
import { credits, instant } from "./parameters";

/**
 * Takes credits for good, from what expires first, once for a key for ever. Expiry is true at `now`
 * whether booked or not. One call to the database, which locks the account: make it the last
 * statement before COMMIT.
 * @throws InsufficientCredits, AccountFrozen, IdempotencyConflict, InvalidAmount, CreditAccountNotFound
 */
export async function spendCredits(
  tx: Transaction,
  spend: { userId: string; key: string; amount: number; source: string; now: Date },
): Promise<Booking> {
  return callLedger(
    tx,
    sql`select credits_spend(${spend.userId}, ${spend.key}, ${credits(spend.amount)},
      ${spend.source}, ${instant(spend.now)}) as answer`,
    bookingSchema,
  );
}
