import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Transaction } from "@/db/client";
import { callLedger } from "./call-ledger";
import { credits, instant } from "./parameters";

const instantText = z.iso.datetime().transform((text) => new Date(text));
const holdSchema = z.object({
  key: z.string(),
  amount: z.number().int(),
  heldAt: instantText,
  expiresAt: instantText,
  replayed: z.boolean(),
});
export type Hold = z.output<typeof holdSchema>;

/**
 * Sets credits aside for work in progress, once for a key. They can be captured until `expiresAt`;
 * from that instant they are free again by themselves. One call to the database, which locks the
 * account: make it the last statement before COMMIT.
 * @throws InsufficientCredits, AccountFrozen, IdempotencyConflict, InvalidAmount, InvalidExpiry,
 * CreditAccountNotFound
 */
export async function holdCredits(
  tx: Transaction,
  hold: {
    userId: string;
    key: string;
    amount: number;
    source: string;
    expiresAt: Date;
    now: Date;
  },
): Promise<Hold> {
  return callLedger(
    tx,
    sql`select credits_hold(${hold.userId}, ${hold.key}, ${credits(hold.amount)}, ${hold.source},
      ${instant(hold.expiresAt)}, ${instant(hold.now)}) as answer`,
    holdSchema,
  );
}
