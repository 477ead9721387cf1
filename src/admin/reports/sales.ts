import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Executor } from "@/db/client";
import { type Period, type ReportPeriod, wholeMonths } from "@/lib/utc-period";
import { PAYMENT_KINDS } from "../payments";

const figure = z.coerce.number();

const revenueRow = z.object({
  currency: z.string(),
  payments: figure,
  amountCents: figure,
  /** Refunds of these payments, whenever they happened. */
  refundedCents: figure,
  /** Amounts of these payments that open disputes withhold or lost disputes returned to the payer. */
  disputedCents: figure,
});
export type Revenue = z.output<typeof revenueRow>;

const salesRow = revenueRow.extend({
  /** `2026-03`, in UTC. */
  month: z.string(),
  /** Plan or pack id of the catalogue. */
  item: z.string(),
});
export type Sales = z.output<typeof salesRow>;

/**
 * Payments by month, plan or pack, and currency, newest month first. Each combination is one range of
 * the `payment_kind` index.
 */
export async function readSales(reader: Executor, period: ReportPeriod): Promise<Sales[]> {
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
  return z.array(salesRow).parse([...rows]);
}

/** Payments of a period by currency, the most frequent first. Reads only the `payment_kind` index. */
export async function readRevenue(reader: Executor, { from, to }: Period): Promise<Revenue[]> {
  const rows = await reader.execute(sql`
    select kind.currency, sum(payments) as payments, sum(amount) as "amountCents",
      sum(refunded) as "refundedCents", sum(disputed) as "disputedCents"
    from ${PAYMENT_KINDS} kind
    cross join lateral (
      select count(*) as payments, sum(amount_cents) as amount, sum(refunded_cents) as refunded,
        sum(disputed_cents) as disputed
      from payment
      where item = kind.item and currency = kind.currency
        and paid_at >= ${from.toISOString()} and paid_at < ${to.toISOString()}
    ) paid
    where payments > 0
    group by kind.currency order by sum(payments) desc, kind.currency`);
  return z.array(revenueRow).parse([...rows]);
}

/** Payments less refunds and disputed amounts. */
export function netCents(
  paid: Pick<Revenue, "amountCents" | "refundedCents" | "disputedCents">,
): number {
  return paid.amountCents - paid.refundedCents - paid.disputedCents;
}
