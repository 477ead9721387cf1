import {
  and,
  asc,
  desc,
  eq,
  getTableColumns,
  gt,
  gte,
  lt,
  lte,
  or,
  type SQL,
  sql,
} from "drizzle-orm";
import type { Executor } from "@/db/client";
import { instant } from "../call-ledger";
import type { CreditType } from "../grant";
import { creditLot, creditTransaction } from "../schema";
import { type PendingExpiry, readPendingExpiries } from "./balance";
import type { ReadAt } from "./read-at";

/** A missing or null property does not filter. */
export interface LedgerFilter {
  readonly type?: CreditType | null;
  /** Booked at or after this instant. */
  readonly from?: Date | null;
  /** Booked before this instant. */
  readonly to?: Date | null;
  /** Part of the source (`checkout:…`), case-insensitive, or an entry's sequence number. */
  readonly text?: string | null;
}

/** Selects a page: older than a sequence number, newer than one, or the first in the order. */
export interface LedgerTurn {
  readonly before?: number | null | undefined;
  readonly after?: number | null | undefined;
  readonly order?: "newest" | "oldest";
}

type BookedEntry = typeof creditTransaction.$inferSelect & { readonly lotType: CreditType | null };

/** A ledger row. `bookedAt` is null for an expiry that is not booked yet. */
export type LedgerEntry = Omit<BookedEntry, "bookedAt" | "operation" | "userId"> & {
  readonly bookedAt: Date | null;
  /** What expired. Null for other entries. */
  readonly lotType: CreditType | null;
};

export interface LedgerPage {
  /** In the requested order. */
  readonly rows: readonly LedgerEntry[];
  /** `after` of the newer page and `before` of the older one; null when there is none. */
  readonly newerAfter: number | null;
  readonly olderBefore: number | null;
}

/** Lots that expired by the instant of the read appear as EXPIRE entries, booked or not. */
export type LedgerSearch = ReadAt & {
  readonly userId: string;
  readonly filter: LedgerFilter;
  readonly turn: LedgerTurn;
  readonly limit: number;
};

/**
 * Returns one page of a user's filtered ledger, with keyset paging in both directions. Instants are
 * converted to sequence numbers first (`firstSeqFrom`), so that a month years ago reads as fast as
 * the newest; type and text filter within that range.
 *
 * The newest page starts with the expiries that are not booked yet, in addition to `limit`, so that
 * the newest `balanceAfter` is the balance at that instant. Reads only.
 */
export async function searchLedger(reader: Executor, search: LedgerSearch): Promise<LedgerPage> {
  const { turn, limit } = search;
  const towardsNewer = isTowardsNewer(turn);
  const mayIncludeNewest = towardsNewer || (turn.before ?? null) === null;
  const newest = mayIncludeNewest ? await readPendingExpiries(reader, search) : null;
  const found = await readBooked(reader, search, newest?.version ?? null);
  const rows = found.slice(0, limit);
  if (towardsNewer) rows.reverse();
  const hasMore = found.length > limit;
  const hasNewer = towardsNewer ? hasMore : (turn.before ?? null) !== null;
  const hasOlder = towardsNewer ? (turn.after ?? null) !== null : hasMore;
  const pending = hasNewer || newest === null ? [] : pendingEntries(newest, search);
  const entries = [...pending, ...rows];
  return {
    rows: turn.order === "oldest" ? entries.reverse() : entries,
    newerAfter: hasNewer ? (rows.at(0)?.seq ?? null) : null,
    olderBefore: hasOlder ? (rows.at(-1)?.seq ?? null) : null,
  };
}

/**
 * A scalar subquery for the sequence number of a user's first transaction booked at or after `at`,
 * or the next free number. Bisects the gapless numbers: about 20 probes of the primary key in a
 * million rows (docs/decisions/0012-find-a-month-by-bisection.md).
 */
export function firstSeqFrom(userId: string, at: Date): SQL {
  return sql`(
    with recursive bisection (low, high) as (
      select 1::bigint, coalesce(max(version), 0) + 1 from credit_account where user_id = ${userId}
      union all
      select case when t.booked_at < ${instant(at)} then m.seq + 1 else b.low end,
        case when t.booked_at < ${instant(at)} then b.high else m.seq end
      from bisection b
      cross join lateral (select (b.low + b.high) / 2 as seq) m
      join credit_transaction t on t.user_id = ${userId} and t.seq = m.seq
      where b.low < b.high
    )
    select low from bisection where low >= high
  )`;
}

function isTowardsNewer({ before, after, order }: LedgerTurn): boolean {
  if ((before ?? null) !== null) return false;
  return (after ?? null) !== null || order === "oldest";
}

/** Reads `limit` + 1 booked rows. Rows after `version` are excluded: pending expiries follow it. */
async function readBooked(
  reader: Executor,
  { userId, filter, turn, limit }: LedgerSearch,
  version: number | null,
): Promise<BookedEntry[]> {
  const { seq } = creditTransaction;
  const { before = null, after = null } = turn;
  const towardsNewer = isTowardsNewer(turn);
  return reader
    .select({ ...getTableColumns(creditTransaction), lotType: creditLot.type })
    .from(creditTransaction)
    .leftJoin(
      creditLot,
      and(
        eq(creditTransaction.type, "EXPIRE"),
        eq(creditLot.userId, creditTransaction.userId),
        eq(creditLot.seq, creditTransaction.lotSeq),
      ),
    )
    .where(
      and(
        eq(creditTransaction.userId, userId),
        version === null ? undefined : lte(seq, version),
        before === null ? undefined : lt(seq, before),
        towardsNewer && after !== null ? gt(seq, after) : undefined,
        ...filterConditions(userId, filter),
      ),
    )
    .orderBy(towardsNewer ? asc(seq) : desc(seq))
    .limit(limit + 1);
}

function filterConditions(
  userId: string,
  { type, from, to, text }: LedgerFilter,
): (SQL | undefined)[] {
  const { seq } = creditTransaction;
  return [
    from ? gte(seq, firstSeqFrom(userId, from)) : undefined,
    to ? lt(seq, firstSeqFrom(userId, to)) : undefined,
    type ? eq(creditTransaction.type, type) : undefined,
    text ? matchesText(text) : undefined,
  ];
}

/** `position`, not `like`: the text contains no wildcards. */
function matchesText(text: string): SQL | undefined {
  const inSource = sql`position(lower(${text}) in lower(${creditTransaction.source})) > 0`;
  const seq = /^\d{1,15}$/.test(text) ? Number(text) : null;
  return seq === null ? inSource : or(eq(creditTransaction.seq, seq), inSource);
}

/** The pending expiries that match, newest first. They would be booked at `at`. */
function pendingEntries(
  { expiries, at }: { expiries: readonly PendingExpiry[]; at: Date },
  { filter: { type, from, to, text } }: LedgerSearch,
): LedgerEntry[] {
  if ((type && type !== "EXPIRE") || (from && at < from) || (to && at >= to)) return [];
  const matches = ({ seq, source }: PendingExpiry) =>
    !text || String(seq) === text || source.toLowerCase().includes(text.toLowerCase());
  return expiries.filter(matches).toReversed().map(toEntry);
}

function toEntry(expiry: PendingExpiry): LedgerEntry {
  const { seq, lotSeq } = expiry;
  return {
    ...expiry,
    type: "EXPIRE",
    bookedAt: null,
    idempotencyKey: `lot:${lotSeq}:${seq}:expire`,
    relatedSeq: null,
    requested: null,
    debtMade: null,
    usage: null,
    reversalId: null,
    serviceId: null,
    feature: null,
    countedAt: null,
  };
}
