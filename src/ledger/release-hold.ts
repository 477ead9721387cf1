import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Transaction } from "@/db/client";
import { callLedger } from "./call-ledger";
import { instant } from "./parameters";

const releaseSchema = z.object({
  released: z.number().int(),
  status: z.enum(["released", "lapsed"]),
  replayed: z.boolean(),
});
export type Release = z.output<typeof releaseSchema>;

/**
 * Gives a hold back, onto the very lots it came from. A hold that has lapsed is free already: that
 * is answered (`released: 0`), not refused. One call to the database, which locks the account: make
 * it the last statement before COMMIT.
 * @throws HoldNotFound, HoldClosed, IdempotencyConflict, CreditAccountNotFound
 */
export async function releaseHold(
  tx: Transaction,
  release: { userId: string; holdKey: string; key: string; now: Date },
): Promise<Release> {
  return callLedger(
    tx,
    sql`select credits_release(${release.userId}, ${release.holdKey}, ${release.key},
      ${instant(release.now)}) as answer`,
    releaseSchema,
  );
}
