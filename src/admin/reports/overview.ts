import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Executor } from "@/db/client";
import { countSome } from "@/db/count-some";
import { type Flows, flowsOf } from "@/ledger/reports/flows";
import type { Period } from "@/lib/utc-period";
import { PAYMENT_KINDS } from "../payments/payment-kinds";
import { sumByType } from "./reports";

/** How credits came and went with effect in a period, true at `at`. */
export async function readFlows(
  reader: Executor,
  { period, at }: { period: Period; at: Date },
): Promise<Flows> {
  return flowsOf(await sumByType(reader, { period, at }));
}

const revenueRow = z.object({
  currency: z.string(),
  payments: z.coerce.number(),
  amountCents: z.coerce.number(),
  /** Of these payments, whenever it was refunded. */
  refundedCents: z.coerce.number(),
  /** Held back by open disputes or taken by lost ones. */
  disputedCents: z.coerce.number(),
});
export type Revenue = z.output<typeof revenueRow>;

/** What was paid in a period, a currency each. Reads the period from the index of payments alone. */
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
    group by kind.currency order by sum(amount) desc, kind.currency`);
  return z.array(revenueRow).parse([...rows]);
}

const queues = z.object({
  deadEvents: z.number(),
  pendingEvents: z.number(),
  deadOutbox: z.number(),
  pendingEmails: z.number(),
  pendingCalls: z.number(),
});
/** Each a count, at most one more than `MOST_COUNTED`. */
export type Queues = z.output<typeof queues>;

/** What waits and what was given up. */
export async function readQueues(reader: Executor): Promise<Queues> {
  const [row] = await reader.execute(sql`
    select ${countSome(sql`stripe_event where status = 'dead'`)} as "deadEvents",
      ${countSome(sql`stripe_event where status = 'pending'`)} as "pendingEvents",
      ${countSome(sql`outbox where status = 'dead'`)} as "deadOutbox",
      ${countSome(sql`outbox where status = 'pending' and kind = 'email'`)} as "pendingEmails",
      ${countSome(sql`outbox where status = 'pending' and kind = 'stripe'`)} as "pendingCalls"`);
  return queues.parse(row);
}
