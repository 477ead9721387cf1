import { sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { addMonths, localDay, type Month, monthOf, startOfMonth } from "@/lib/local-day";
import type { CreditType } from "../grant-credits";
import { instant } from "../parameters";
import { firstSeqFrom } from "../reads/search-first-seq";

export interface TypeUsage {
  readonly type: CreditType;
  /** What came in under this type, and what went out (negative or zero). */
  readonly creditsIn: number;
  readonly creditsOut: number;
}

export interface MonthUsage {
  readonly month: Month;
  /** Only types that moved something. */
  readonly types: readonly TypeUsage[];
}

/**
 * What moved a user's balance in each of the last `months` months up to the one of `at`, oldest
 * first, by type. Months are those of the user's time zone, and a transaction counts in the month in
 * which it took effect: an expiry when the lot expired, whether or not a job has booked it yet.
 *
 * Nothing takes effect after it is booked, so all of it is found from the first number booked in the
 * first month on: the cost grows with these months, not with the ledger. Reads only.
 */
export async function getUsageByMonth(
  reader: Executor,
  { userId, timeZone, at, months }: { userId: string; timeZone: string; at: Date; months: number },
): Promise<MonthUsage[]> {
  const latest = monthOf(localDay(at, timeZone));
  const names = Array.from({ length: months }, (_, n) => addMonths(latest, n - months + 1));
  const starts = names.map((month) => startOfMonth(month, timeZone));
  const [from] = starts;
  if (from === undefined) return [];
  const rows = await reader.execute<{
    nth: number;
    type: CreditType;
    credits_in: string;
    credits_out: string;
  }>(sql`
    select width_bucket(effective_at, array[${sql.join(starts.map(instant), sql`, `)}]) as nth, type,
      coalesce(sum(amount) filter (where amount > 0), 0) as credits_in,
      coalesce(sum(amount) filter (where amount < 0), 0) as credits_out
    from (
      select type, amount, effective_at from credit_transaction
      where user_id = ${userId} and seq >= ${firstSeqFrom(userId, from)}
        and effective_at between ${instant(from)} and ${instant(at)}
      union all
      select 'EXPIRE', -remaining, expires_at from credit_lot
      where user_id = ${userId} and is_open
        and expires_at between ${instant(from)} and ${instant(at)}
    ) moved
    group by nth, type
    order by nth, type`);
  return names.map((month, index) => ({
    month,
    types: rows
      .filter(({ nth }) => nth === index + 1)
      .map(({ type, credits_in, credits_out }) => ({
        ...{ type, creditsIn: Number(credits_in), creditsOut: Number(credits_out) },
      })),
  }));
}
