import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { type Booking, bookingSchema, callLedger } from "./call-ledger";
import { credits, instant } from "./parameters";

/**
 * Turns a hold into a spend, whole or (with `amount`) its first part in burn order; the rest goes
 * back to its lots. One call to the database, which locks the account: make it the last statement
 * before COMMIT.
 * @throws HoldNotFound, HoldLapsed, HoldClosed, InvalidAmount, IdempotencyConflict,
 * CreditAccountNotFound
 */
export async function captureHold(
  tx: Transaction,
  capture: { userId: string; holdKey: string; key: string; amount?: number; now: Date },
): Promise<Booking> {
  const amount = capture.amount === undefined ? sql`null::bigint` : credits(capture.amount);
  return callLedger(
    tx,
    sql`select credits_capture(${capture.userId}, ${capture.holdKey}, ${capture.key}, ${amount},
      ${instant(capture.now)}) as answer`,
    bookingSchema,
  );
}
