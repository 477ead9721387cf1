import { sql } from "drizzle-orm";
import { z } from "zod";
import { type Flows, flowsOf } from "@/credits/flows";
import type { Reader } from "@/db/client";
import { countSome } from "@/db/count-some";
import { outbox, stripeEvent } from "@/db/schema";
import type { Period } from "@/lib/utc-period";
import { isEnum } from "./is-enum";
import { PAYMENT_KINDS } from "./payment-kinds";
import { sumByType } from "./reports";

/** How credits came and went with effect in a period, true at `at`. */
export async function readFlows(
  reader: Reader,
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
export async function readRevenue(reader: Reader, { from, to }: Period): Promise<Revenue[]> {
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

/** Each a count, at most one more than `MOST_COUNTED`. */
export interface Queues {
  readonly deadEvents: number;
  readonly pendingEvents: number;
  readonly deadOutbox: number;
  readonly pendingEmails: number;
  readonly pendingCalls: number;
}

/** What waits and what was given up. */
export async function readQueues(reader: Reader): Promise<Queues> {
  const waits = sql`${outbox.status} = 'pending'`;
  const [deadEvents, pendingEvents, deadOutbox, pendingEmails, pendingCalls] = await Promise.all([
    countSome(reader, stripeEvent, isEnum(stripeEvent.status, "dead")),
    countSome(reader, stripeEvent, isEnum(stripeEvent.status, "pending")),
    countSome(reader, outbox, sql`${outbox.status} = 'dead'`),
    countSome(reader, outbox, sql`${waits} and ${outbox.kind} = 'email'`),
    countSome(reader, outbox, sql`${waits} and ${outbox.kind} = 'stripe'`),
  ]);
  return { deadEvents, pendingEvents, deadOutbox, pendingEmails, pendingCalls };
}
