import { sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { addMonths, localDay, type Month, monthOf, startOfMonth } from "@/lib/local-day";
import { instant } from "../call-ledger";
import type { CreditType } from "../grant";
import { type ReadAt, resolveInstant } from "../reads/read-at";
import { firstSeqFrom } from "../reads/search";

export interface TypeUsage {
  readonly type: CreditType;
  /** The sums of positive and of negative amounts. */
  readonly creditsIn: number;
  readonly creditsOut: number;
}

export interface MonthUsage {
  readonly month: Month;
  /** Types with transactions in the month. */
  readonly types: readonly TypeUsage[];
}

/**
 * Returns the change of a user's balance by type for each of the last `months` months up to the
 * month of the read, oldest first. Months are those of the user's time zone. A transaction counts in the
 * month it took effect: an expiry when the lot expired, booked or not.
 *
 * No transaction takes effect after it is booked, so the read starts at the first number booked in
 * the first month: its cost depends on these months, not on the ledger. Reads only.
 */
export async function getUsageByMonth(
  reader: Executor,
  usage: { userId: string; timeZone: string; months: number } & ReadAt,
): Promise<MonthUsage[]> {
  const { userId, timeZone, months } = usage;
  const at = await resolveInstant(reader, userId, usage);
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
      select 'EXPIRE', amount, effective_at from credits_pending_expiries(${userId}, ${instant(at)})
      where effective_at >= ${instant(from)}
    ) moved
    group by nth, type
    order by nth, type`);
  return names.map((month, index) => ({
    month,
    types: rows
      .filter(({ nth }) => nth === index + 1)
      .map(({ type, credits_in, credits_out }) => ({
        type,
        creditsIn: Number(credits_in),
        creditsOut: Number(credits_out),
      })),
  }));
}
