import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Executor } from "@/db/client";
import { type ReportPeriod, wholeMonths } from "@/lib/utc-period";
import { PAYMENT_KINDS } from "../payments/payment-kinds";

const figure = z.coerce.number();

const soldRow = z.object({
  /** `2026-03`, in UTC. */
  month: z.string(),
  /** Plan or pack, as the catalogue names it. */
  item: z.string(),
  currency: z.string(),
  payments: figure,
  amountCents: figure,
  /** Of these payments, whenever it was refunded. */
  refundedCents: figure,
  /** Of these payments, what open disputes hold back and lost ones took. */
  disputedCents: figure,
});
export type Sold = z.output<typeof soldRow>;

/**
 * What was paid for each plan and pack, month by month, newest first; a currency each. Sums each kind
 * of payment in each month as one range of their index, which is all that it reads.
 */
export async function readSales(reader: Executor, period: ReportPeriod): Promise<Sold[]> {
  const { from, to } = wholeMonths(period);
  const utc = (at: Date) => sql`${at.toISOString()}::timestamptz at time zone 'UTC'`;
  const rows = await reader.execute(sql`
    select to_char(month, 'YYYY-MM') as month, kind.item, kind.currency, sold.*
    from generate_series(${utc(from)}, ${utc(to)} - interval '1 month', interval '1 month') month
    cross join ${PAYMENT_KINDS} kind
    cross join lateral (
      select count(*) as payments, sum(amount_cents) as "amountCents",
        sum(refunded_cents) as "refundedCents", sum(disputed_cents) as "disputedCents"
      from payment
      where item = kind.item and currency = kind.currency
        and paid_at >= month at time zone 'UTC'
        and paid_at < (month + interval '1 month') at time zone 'UTC'
    ) sold
    where sold.payments > 0
    order by 1 desc, item, currency`);
  return z.array(soldRow).parse([...rows]);
}

/** What is left of payments after what was refunded and what disputes hold back or took. */
export function netCents(paid: {
  readonly amountCents: number;
  readonly refundedCents: number;
  readonly disputedCents: number;
}): number {
  return paid.amountCents - paid.refundedCents - paid.disputedCents;
}

/**
 * The share of what was granted that expired unused, 0 to 1; null where nothing was granted. By when
 * each took effect: what expires in a month was mostly granted in an earlier one.
 */
export function breakageOf({
  granted,
  added,
  expired,
}: {
  granted: number;
  added: number;
  expired: number;
}): number | null {
  return granted + added === 0 ? null : expired / (granted + added);
}
