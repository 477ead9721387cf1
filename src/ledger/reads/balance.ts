import { and, asc, eq, inArray, isNotNull, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { instant } from "../parameters";
import { creditAllocation, creditLot, creditSchedule } from "../schema";

export interface Balance {
  /** What can be spent at that instant; negative is debt. */
  readonly available: number;
  readonly held: number;
  readonly debt: number;
  readonly frozen: boolean;
  readonly nextExpiry: { readonly credits: number; readonly expiresAt: Date } | null;
  readonly nextAllotment: { readonly credits: number; readonly dueAt: Date } | null;
}

/**
 * The balance as of any past or present instant: the one formula that gate, screens, reminders and
 * reports share (`credits_balance`). Reads only; locks nothing.
 */
export async function getBalance(
  reader: Executor,
  { userId, at }: { userId: string; at: Date },
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
    from credits_balance(${userId}, ${instant(at)}) b
    left join lateral (
      select l.expires_at, sum(a.available) as credits
      from credits_lots_at(${userId}, ${instant(at)}) a
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
  if (row === undefined) throw new Error("credits_balance answered no row");
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

const burnOrder = [
  asc(creditLot.priority),
  sql`${creditLot.expiresAt} asc nulls last`,
  asc(creditLot.paid),
  asc(creditLot.grantedAt),
  asc(creditLot.seq),
];

/** The lots with something left at an instant, in burn order: the first one is spent next. */
export async function listLots(reader: Executor, { userId, at }: { userId: string; at: Date }) {
  const rows = await reader
    .select({
      seq: creditLot.seq,
      type: creditLot.type,
      source: creditLot.source,
      amount: creditLot.amount,
      available: sql<string>`left_at.available`,
      paid: creditLot.paid,
      grantedAt: creditLot.grantedAt,
      expiresAt: creditLot.expiresAt,
    })
    .from(creditLot)
    .innerJoin(
      sql`credits_lots_at(${userId}, ${instant(at)}) left_at`,
      and(eq(creditLot.userId, userId), sql`left_at.seq = ${creditLot.seq}`),
    )
    .where(sql`left_at.available > 0`)
    .orderBy(...burnOrder);
  return rows.map((row) => ({ ...row, available: Number(row.available) }));
}

/** Which lots each of these transactions drew on (positive) or gave back to (negative). */
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
    .orderBy(asc(creditAllocation.id));
}

/** A user's promises of monthly allotments, those still running first. */
export async function listSchedules(reader: Executor, { userId }: { userId: string }) {
  return reader
    .select()
    .from(creditSchedule)
    .where(eq(creditSchedule.userId, userId))
    .orderBy(sql`${creditSchedule.nextDueAt} asc nulls last`, asc(creditSchedule.id));
}
