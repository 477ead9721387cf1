import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Executor } from "@/db/client";

const kinds = z.array(z.object({ item: z.string(), currency: z.string() }));
/** A plan or pack with a currency it was paid in. */
export type PaymentKind = z.output<typeof kinds>[number];

/**
 * The kinds of payments there are, a row each with `item` and `currency`: a handful, found by one
 * step in `payment_kind` each, however many payments there are. Whoever sums or seeks a kind at a
 * time along that index has nothing to group, to sort or to pass over.
 */
export const PAYMENT_KINDS: SQL = sql`(
  with recursive kind as (
    (select item, currency from payment order by item, currency limit 1)
    union all
    select next.item, next.currency from kind cross join lateral (
      select p.item, p.currency from payment p
      where (p.item, p.currency) > (kind.item, kind.currency)
      order by p.item, p.currency limit 1
    ) next
  )
  select item, currency from kind
)`;

/** Every kind of payment there is, by item and currency. */
export async function listPaymentKinds(reader: Executor): Promise<PaymentKind[]> {
  const rows = await reader.execute(
    sql`select item, currency from ${PAYMENT_KINDS} kind order by item, currency`,
  );
  return kinds.parse([...rows]);
}
