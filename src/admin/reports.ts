import { and, count, gte, lt, sql } from "drizzle-orm";
import type { CreditType } from "@/credits/grant-credits";
import type { Reader } from "@/db/client";
import { creditTransaction } from "@/db/schema";

export interface TypeTotal {
  readonly type: CreditType;
  readonly transactions: number;
  /** Sums of what came in and of what went out (negative). */
  readonly creditsIn: number;
  readonly creditsOut: number;
}

export interface MonthReport {
  /** `2026-03`, in UTC. */
  readonly month: string;
  readonly totals: readonly TypeTotal[];
}

/**
 * What was booked with effect in [from, to), by type. By effective instants, so that an expiry counts
 * on the day it happened, whenever the job came by. Reads the period through the ledger's
 * block-range index: its cost grows with the period, not with the ledger.
 */
export async function sumByType(
  reader: Reader,
  { from, to }: { from: Date; to: Date },
): Promise<TypeTotal[]> {
  const { type, amount, effectiveAt } = creditTransaction;
  const rows = await reader
    .select({
      type,
      transactions: count(),
      creditsIn: sql<string>`coalesce(sum(${amount}) filter (where ${amount} > 0), 0)`,
      creditsOut: sql<string>`coalesce(sum(${amount}) filter (where ${amount} < 0), 0)`,
    })
    .from(creditTransaction)
    .where(and(gte(effectiveAt, from), lt(effectiveAt, to)))
    .groupBy(type)
    .orderBy(type);
  return rows.map((row) => ({
    ...row,
    creditsIn: Number(row.creditsIn),
    creditsOut: Number(row.creditsOut),
  }));
}

/** The reports of the last `months` months up to the one of `at`, newest first, one read a month. */
export async function* reportMonths(
  reader: Reader,
  { at, months }: { at: Date; months: number },
): AsyncGenerator<MonthReport> {
  for (let back = 0; back < months; back++) {
    const from = monthStart(at, -back);
    const totals = await sumByType(reader, { from, to: monthStart(at, 1 - back) });
    yield { month: from.toISOString().slice(0, 7), totals };
  }
}

/** The first instant of the month `offset` months from the one of `at`, in UTC. */
export function monthStart(at: Date, offset: number): Date {
  return new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + offset, 1));
}
