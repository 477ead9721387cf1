import { sql } from "drizzle-orm";
import type { Transaction } from "@/db/client";
import { type Booking, bookingSchema, callLedger } from "./call-ledger";
import { credits, instant } from "./parameters";
import type { creditType } from "./schema";

export type CreditType = (typeof creditType.enumValues)[number];

export interface Grant {
  readonly userId: string;
  /** Names the business fact and ends in its effect: `checkout:cs_…:pack`. */
  readonly key: string;
  /** Whole credits, at least 1. */
  readonly amount: number;
  readonly type: CreditType;
  /** The business fact alone: `checkout:cs_…`. A revocation takes from lots of the same source first. */
  readonly source: string;
  /** Null: never. */
  readonly expiresAt: Date | null;
  /** Bought, as against given: promo credits are spent before paid ones. */
  readonly paid: boolean;
  /** Lower is spent first; 0 unless an admin sets one. */
  readonly priority?: number;
  readonly now: Date;
}

/**
 * Adds a lot of credits, once for a key for ever; a repeated call answers with the first booking.
 * Debt is settled first. One call to the database, which locks the account: make it the last
 * statement before COMMIT.
 * @throws IdempotencyConflict, InvalidAmount, InvalidExpiry
 */
export async function grantCredits(tx: Transaction, grant: Grant): Promise<Booking> {
  return callLedger(
    tx,
    sql`select credits_grant(${grant.userId}, ${grant.key}, ${credits(grant.amount)},
      ${grant.type}::credit_type, ${grant.source}, ${instant(grant.expiresAt)}, ${grant.paid},
      ${grant.priority ?? 0}::integer, ${instant(grant.now)}) as answer`,
    bookingSchema,
  );
}
