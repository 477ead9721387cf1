import { sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import type { CreditType } from "../grant-credits";
import { instant } from "../parameters";
import type { CountedOutstanding } from "./outstanding";

/**
 * The last count that was made in each month (UTC) since `from`, newest first, with what was available
 * by type. Months without a count are left out.
 */
export async function outstandingByMonth(
  reader: Executor,
  from: Date,
): Promise<CountedOutstanding[]> {
  const rows = await reader.execute<{
    counted_at: string;
    available: string;
    held: string;
    debt: string;
    by_type: readonly { type: CreditType; available: number }[];
  }>(sql`
    select counted_at, available, held, debt, (
        select coalesce(jsonb_agg(jsonb_build_object('type', type, 'available', t.available) order by type), '[]')
        from outstanding_count_type t where t.count_id = last.id
      ) as by_type
    from (
      select distinct on (date_trunc('month', counted_at at time zone 'UTC')) *
      from outstanding_count where counted_at >= ${instant(from)}
      order by date_trunc('month', counted_at at time zone 'UTC') desc, counted_at desc
    ) last
    order by counted_at desc`);
  return rows.map((row) => ({
    countedAt: new Date(row.counted_at),
    available: Number(row.available),
    held: Number(row.held),
    debt: Number(row.debt),
    byType: row.by_type,
  }));
}
