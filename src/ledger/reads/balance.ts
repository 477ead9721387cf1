import { and, asc, eq, inArray, isNotNull, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { monthsAfter } from "@/lib/utc-period";
import type { CreditType } from "../grant";
import { creditAllocation, creditLot, creditSchedule } from "../schema";
import { instantOf, type ReadAt } from "./read-at";

export interface Balance {
  /** Credits that can be spent at that instant. Negative: debt. */
  readonly available: number;
  readonly held: number;
  readonly debt: number;
  readonly frozen: boolean;
  readonly nextExpiry: { readonly credits: number; readonly expiresAt: Date } | null;
  readonly nextAllotment: { readonly credits: number; readonly dueAt: Date } | null;
}

/**
 * Returns the current balance (`now`) or the balance as of a past instant (`at`). Spending, pages,
 * reminders and reports share this formula (`credits_balance`). Reads only.
 */
export async function getBalance(
  reader: Executor,
  { userId, ...when }: { userId: string } & ReadAt,
): Promise<Balance> {
  const [row] = await reader.execute<{
    available: string;
    held: string;
    debt: string;
    frozen: boolean;
    expiring: string | null;
    expires_at: string | null;
    allotment: string | null;
    due_at: string | null;
  }>(sql`
    select b.available, b.held, b.debt,
      exists (select from credit_account where user_id = ${userId} and frozen_at is not null) as frozen,
      e.credits as expiring, e.expires_at, s.credits as allotment, s.next_due_at as due_at
    from (select ${instantOf(userId, when)} as at offset 0) read
    cross join lateral credits_balance(${userId}, read.at) b
    left join lateral (
      select l.expires_at, sum(a.available) as credits
      from credits_lots_at(${userId}, read.at) a
      join credit_lot l on l.user_id = ${userId} and l.seq = a.seq
      where l.expires_at is not null and a.available > 0
      group by l.expires_at order by l.expires_at limit 1
    ) e on true
    left join lateral (
      select next_due_at, sum(credits) as credits from credit_schedule
      where user_id = ${userId} and next_due_at is not null
        and (kind <> 'free' or not credits_paid_member_at(${userId}, next_due_at))
      group by next_due_at order by next_due_at limit 1
    ) s on true`);
  if (row === undefined) throw new Error("credits_balance returned no row.");
  return {
    available: Number(row.available),
    held: Number(row.held),
    debt: Number(row.debt),
    frozen: row.frozen,
    nextExpiry:
      row.expires_at === null
        ? null
        : { credits: Number(row.expiring), expiresAt: new Date(row.expires_at) },
    nextAllotment:
      row.due_at === null ? null : { credits: Number(row.allotment), dueAt: new Date(row.due_at) },
  };
}

/** An EXPIRE transaction that has taken effect and that the next write will book. */
export interface PendingExpiry {
  /** The sequence number it will get. */
  readonly seq: number;
  readonly lotSeq: number;
  /** What expired. */
  readonly lotType: CreditType;
  /** Negative. */
  readonly amount: number;
  readonly balanceAfter: number;
  readonly source: string;
  readonly effectiveAt: Date;
}

/**
 * Lists what has expired by the instant of the read and is not booked yet, in booking order, with
 * that instant and the account's version (the last booked sequence number). The rows up to that number
 * and these are the ledger as of the instant, whatever is booked concurrently. Reads only.
 */
export async function readPendingExpiries(
  reader: Executor,
  { userId, ...when }: { userId: string } & ReadAt,
): Promise<{ version: number; at: Date; expiries: readonly PendingExpiry[] }> {
  const rows = await reader.execute<{
    version: string;
    read_at: string;
    seq: string | null;
    lot_seq: string;
    lot_type: CreditType;
    amount: string;
    balance_after: string;
    source: string;
    effective_at: string;
  }>(sql`
    select a.version, read.at as read_at, e.*, l.type as lot_type
    from (select ${instantOf(userId, when)} as at offset 0) read
    cross join credit_account a
    left join lateral credits_pending_expiries(a.user_id, read.at) e on true
    left join credit_lot l on l.user_id = a.user_id and l.seq = e.lot_seq
    where a.user_id = ${userId} order by e.seq`);
  return {
    version: Number(rows[0]?.version ?? 0),
    at: rows[0] === undefined ? ("at" in when ? when.at : when.now) : new Date(rows[0].read_at),
    expiries: rows.flatMap((row) =>
      row.seq === null
        ? []
        : [
            {
              seq: Number(row.seq),
              lotSeq: Number(row.lot_seq),
              lotType: row.lot_type,
              amount: Number(row.amount),
              balanceAfter: Number(row.balance_after),
              source: row.source,
              effectiveAt: new Date(row.effective_at),
            },
          ],
    ),
  };
}

/** Lists the lots with credits available at an instant, in burn order. */
export async function listLots(reader: Executor, { userId, ...when }: { userId: string } & ReadAt) {
  const rows = await reader
    .select({
      seq: creditLot.seq,
      type: creditLot.type,
      source: creditLot.source,
      amount: creditLot.amount,
      available: sql<string>`lots_at.available`,
      paid: creditLot.paid,
      grantedAt: creditLot.grantedAt,
      expiresAt: creditLot.expiresAt,
    })
    .from(creditLot)
    .innerJoin(
      sql`credits_lots_at(${userId}, ${instantOf(userId, when)}) lots_at`,
      and(eq(creditLot.userId, userId), sql`lots_at.seq = ${creditLot.seq}`),
    )
    .innerJoin(sql`credits_burn_positions(${userId}) burn`, sql`burn.seq = ${creditLot.seq}`)
    .where(sql`lots_at.available > 0`)
    .orderBy(sql`burn.nth`);
  return rows.map((row) => ({ ...row, available: Number(row.available) }));
}

/** Lists the allocations of transactions: drawn from a lot (positive) or returned to it (negative). */
export async function getDraws(
  reader: Executor,
  { userId, seqs }: { userId: string; seqs: readonly number[] },
) {
  if (seqs.length === 0) return [];
  return reader
    .select({
      transactionSeq: creditAllocation.transactionSeq,
      lotSeq: creditAllocation.lotSeq,
      amount: creditAllocation.amount,
      lotType: creditLot.type,
      lotSource: creditLot.source,
      lotGrantedAt: creditLot.grantedAt,
      lotExpiresAt: creditLot.expiresAt,
    })
    .from(creditAllocation)
    .innerJoin(
      creditLot,
      and(
        eq(creditLot.userId, creditAllocation.userId),
        eq(creditLot.seq, creditAllocation.lotSeq),
      ),
    )
    .where(
      and(
        eq(creditAllocation.userId, userId),
        isNotNull(creditAllocation.transactionSeq),
        inArray(creditAllocation.transactionSeq, [...seqs]),
      ),
    )
    .orderBy(asc(creditAllocation.number));
}

/**
 * When the month of each lot that a schedule granted began, by the lot's number. Other lots are missing.
 * Reads only.
 */
export async function readAllotmentMonths(
  reader: Executor,
  { userId, lotSeqs }: { userId: string; lotSeqs: readonly number[] },
): Promise<ReadonlyMap<number, Date>> {
  if (lotSeqs.length === 0) return new Map();
  const { seq, source, periodNumber } = creditLot;
  const rows = await reader
    .select({ seq, number: periodNumber, anchorAt: creditSchedule.anchorAt })
    .from(creditLot)
    .innerJoin(
      creditSchedule,
      and(eq(creditSchedule.userId, creditLot.userId), eq(creditSchedule.id, source)),
    )
    .where(and(eq(creditLot.userId, userId), inArray(seq, [...lotSeqs]), isNotNull(periodNumber)));
  return new Map(rows.map((row) => [row.seq, monthsAfter(row.anchorAt, row.number ?? 0)]));
}

/** Lists a user's schedules, running ones first. */
export async function listSchedules(reader: Executor, { userId }: { userId: string }) {
  return reader
    .select()
    .from(creditSchedule)
    .where(eq(creditSchedule.userId, userId))
    .orderBy(sql`${creditSchedule.nextDueAt} asc nulls last`, asc(creditSchedule.id));
}
