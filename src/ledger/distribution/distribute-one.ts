import { sql } from "drizzle-orm";
import { z } from "zod";
import { ALLOTMENT_GRACE_HOURS } from "@/catalog/catalog";
import type { Transaction } from "@/db/client";
import { hours, instant } from "../parameters";

const figure = z.coerce.number();
const granted = z.object({ allotments: figure, credits: figure });

/**
 * Grants one user all that is due by `now`, as a run would. Nothing due grants nothing. Throws what
 * made a run fail if it still does, and then leaves no trace. Locks the account.
 */
export async function distributeToUser(
  tx: Transaction,
  { userId, now }: { userId: string; now: Date },
): Promise<z.output<typeof granted>> {
  const [row] = await tx.execute(
    sql`select allotments, credits
      from credits_distribute_one(${userId}, ${instant(now)}, ${hours(ALLOTMENT_GRACE_HOURS)})`,
  );
  return granted.parse(row);
}
