import { sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { instant } from "../parameters";

/** An EXPIRE row that is true already and that the next write will book first, as it will be then. */
export interface PendingExpiry {
  /** The number it will have. */
  readonly seq: number;
  readonly lotSeq: number;
  /** Negative. */
  readonly amount: number;
  readonly balanceAfter: number;
  readonly source: string;
  readonly effectiveAt: Date;
}

/**
 * What has expired by `at` and is not in the books yet, in the order in which it will be booked, with
 * the number of the last row that is (`version`). Rows up to that number and these together are the
 * ledger as of `at`, whatever is booked meanwhile. Reads only; locks nothing.
 */
export async function readPendingExpiries(
  reader: Executor,
  { userId, at }: { userId: string; at: Date },
): Promise<{ version: number; expiries: readonly PendingExpiry[] }> {
  const rows = await reader.execute<{
    version: string;
    seq: string | null;
    lot_seq: string;
    amount: string;
    balance_after: string;
    source: string;
    effective_at: string;
  }>(sql`
    select a.version, e.* from credit_account a
    left join lateral credits_pending_expiries(a.user_id, ${instant(at)}) e on true
    where a.user_id = ${userId} order by e.seq`);
  return {
    version: Number(rows[0]?.version ?? 0),
    expiries: rows.flatMap((row) =>
      row.seq === null
        ? []
        : [
            {
              seq: Number(row.seq),
              lotSeq: Number(row.lot_seq),
              amount: Number(row.amount),
              balanceAfter: Number(row.balance_after),
              source: row.source,
              effectiveAt: new Date(row.effective_at),
            },
          ],
    ),
  };
}
