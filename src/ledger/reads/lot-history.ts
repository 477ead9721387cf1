import { and, eq, min, sql, sum } from "drizzle-orm";
import { z } from "zod";
import type { Executor } from "@/db/client";
import { creditLot, creditSettlement, creditType } from "../schema";
import { instantOf, type ReadAt } from "./read-at";

/** Parts listed one by one; older ones are summed up. */
const PARTS_SHOWN = 20;

/** Credits that left a lot (positive) or returned to it (negative). */
export interface LotPart {
  /** The transaction's type; `HELD`: reserved by an open hold; `SETTLED`: settled debt. */
  readonly what: (typeof creditType.enumValues)[number] | "HELD" | "SETTLED";
  readonly amount: number;
  /** The transaction's sequence number (SETTLED: the revocation's); null without a booked one. */
  readonly seq: number | null;
  readonly source: string;
  readonly at: Date;
  /** False for an expiry that is not booked yet. */
  readonly booked: boolean;
}

export interface LotHistory {
  /** Latest first. */
  readonly parts: readonly LotPart[];
  /** The sum of the older parts that are not listed. */
  readonly older: { readonly count: number; readonly amount: number };
}

/**
 * Returns where the credits of lots went by an instant, keyed by the lot's sequence number. `parts` and
 * `older` add up to the lot's amount less what it has available then. Unknown and untouched lots
 * are omitted. Reads only.
 */
export async function getLotHistories(
  reader: Executor,
  lots: { userId: string; lotSeqs: readonly number[]; partsShown?: number } & ReadAt,
): Promise<ReadonlyMap<number, LotHistory>> {
  const { userId, lotSeqs, partsShown = PARTS_SHOWN } = lots;
  if (lotSeqs.length === 0) return new Map();
  const rows = await reader.execute(sql`
    select * from credits_lot_history(${userId},
      ${sql.param(lotSeqs.map(String))}::text[]::bigint[], ${instantOf(userId, lots)}, ${partsShown}::integer)`);
  const histories = new Map<number, { parts: LotPart[]; older: LotHistory["older"] }>();
  for (const { lotSeq, all, ...part } of partRows.parse(rows)) {
    const { parts, older } = histories.get(lotSeq) ?? { parts: [], older: all };
    const rest = { count: older.count - 1, amount: older.amount - part.amount };
    histories.set(lotSeq, { parts: [...parts, part], older: rest });
  }
  return histories;
}

/** Returns how many credits of a source's lots have settled debt. Reads only. */
export async function settledDebt(
  reader: Executor,
  { userId, source }: { userId: string; source: string | null },
): Promise<number> {
  if (source === null) return 0;
  const [row] = await reader
    .select({ amount: sum(creditSettlement.amount) })
    .from(creditSettlement)
    .innerJoin(
      creditLot,
      and(
        eq(creditLot.userId, creditSettlement.userId),
        eq(creditLot.seq, creditSettlement.lotSeq),
      ),
    )
    .where(and(eq(creditLot.userId, userId), eq(creditLot.source, source)));
  return Number(row?.amount ?? 0);
}

/** When the first credits that a source granted expire; null if they never do, or there are none. */
export async function firstExpiryOf(
  reader: Executor,
  { userId, source }: { userId: string; source: string | null },
): Promise<Date | null> {
  if (source === null) return null;
  const [row] = await reader
    .select({ expiresAt: min(creditLot.expiresAt) })
    .from(creditLot)
    .where(and(eq(creditLot.userId, userId), eq(creditLot.source, source)));
  return row?.expiresAt ?? null;
}

/** Returns how many credits a purchase's lots were granted, and how many its standing revocations took. */
export async function grantedAndRevoked(
  reader: Executor,
  { userId, source }: { userId: string; source: string },
): Promise<{ granted: number; revoked: number }> {
  const rows = await reader.execute(sql`
    select
      (select coalesce(sum(l.amount), 0) from credit_lot l
        where l.user_id = ${userId} and l.source = ${source}) as granted,
      (select coalesce(-sum(t.amount), 0) from credit_transaction t
        where t.user_id = ${userId} and t.source = ${source} and t.type = 'REVOKE' and not exists (
          select from credit_transaction r where r.user_id = ${userId} and r.related_seq = t.seq)
      ) as revoked`);
  return z.object({ granted: number, revoked: number }).parse(rows[0]);
}

const number = z.coerce.number();
const partRows = z.array(
  z
    .object({
      lot_seq: number,
      what: z.enum([...creditType.enumValues, "HELD", "SETTLED"]),
      amount: number,
      seq: number.nullable(),
      source: z.string(),
      at: z.coerce.date(),
      booked: z.boolean(),
      parts: number,
      parts_amount: number,
    })
    .transform(({ lot_seq, parts, parts_amount, ...part }) => ({
      ...part,
      lotSeq: lot_seq,
      all: { count: parts, amount: parts_amount },
    })),
);
