import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { type Booking, bookingSchema, callLedger } from "./call-ledger";
import { credits, instant } from "./parameters";

/**
 * Gives a spend back: `amount` credits, or all that was not given back before, last drawn first,
 * onto the very lots they came from. What comes back to an expired lot expires at once. One call to
 * the database, which locks the account: make it the last statement before COMMIT.
 * @throws TransactionNotFound, RefundExceedsSpend, InvalidAmount, IdempotencyConflict,
 * CreditAccountNotFound
 */
export async function refundSpend(
  tx: Transaction,
  refund: { userId: string; spendSeq: number; key: string; amount?: number; now: Date },
): Promise<Booking> {
  const amount = refund.amount === undefined ? sql`null::bigint` : credits(refund.amount);
  return callLedger(
    tx,
    sql`select credits_refund_spend(${refund.userId}, ${refund.spendSeq}::bigint, ${refund.key},
      ${amount}, ${instant(refund.now)}) as answer`,
    bookingSchema,
  );
}
