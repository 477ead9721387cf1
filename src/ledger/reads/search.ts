import { and, asc, desc, eq, gt, gte, lt, lte, or, type SQL, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import type { CreditType } from "../grant-credits";
import { creditTransaction } from "../schema";
import { type PendingExpiry, readPendingExpiries } from "./pending-expiries";
import { firstSeqFrom } from "./search-first-seq";
import type { LedgerOrder } from "./search-orders";

/** What of a ledger is asked for; what is left out or null does not narrow it. */
export interface LedgerFilter {
  readonly type?: CreditType | null;
  /** Booked at or after this instant … */
  readonly from?: Date | null;
  /** … and before this one. */
  readonly to?: Date | null;
  /** Part of the source (`reading:…`), in whatever case, or the number of an entry. */
  readonly text?: string | null;
}

/** The page older than a number or newer than one; where the order begins when neither is given. */
export interface LedgerTurn {
  readonly before?: number | null | undefined;
  readonly after?: number | null | undefined;
  readonly order?: LedgerOrder;
}

type BookedEntry = typeof creditTransaction.$inferSelect;

/** A row of the ledger. An EXPIRE row that is true and not booked yet has no `bookedAt`. */
export type LedgerEntry = Omit<BookedEntry, "bookedAt" | "operation" | "userId"> & {
  readonly bookedAt: Date | null;
};

export interface LedgerPage {
  /** In the order asked for. */
  readonly rows: readonly LedgerEntry[];
  /** The number to turn to newer pages after, and to older ones before; null where there are none. */
  readonly newerAfter: number | null;
  readonly olderBefore: number | null;
}

export interface LedgerSearch {
  readonly userId: string;
  readonly filter: LedgerFilter;
  readonly turn: LedgerTurn;
  readonly limit: number;
  /** The present: what has expired by then is told, booked or not. */
  readonly at: Date;
}

/**
 * One page of a user's ledger under a filter, by keyset in both directions. Instants become numbers
 * first (`firstSeqFrom`), so a month years back is read as fast as the newest; type and text are
 * looked for within the numbers that are left.
 *
 * The newest page begins with what has expired by `at` and is not booked yet, beyond `limit`: the
 * newest balance on it is the balance at `at`. Reads only.
 */
export async function searchLedger(reader: Executor, search: LedgerSearch): Promise<LedgerPage> {
  const { userId, turn, limit, at } = search;
  const towardsNewer = isTowardsNewer(turn);
  const mayReachTheEnd = towardsNewer || (turn.before ?? null) === null;
  const { version, expiries } = mayReachTheEnd
    ? await readPendingExpiries(reader, { userId, at })
    : { version: null, expiries: [] };
  const found = await readBooked(reader, search, version);
  const rows = found.slice(0, limit);
  if (towardsNewer) rows.reverse();
  const hasMore = found.length > limit;
  const hasNewer = towardsNewer ? hasMore : (turn.before ?? null) !== null;
  const hasOlder = towardsNewer ? (turn.after ?? null) !== null : hasMore;
  const ahead = hasNewer ? [] : pendingRows(expiries, search);
  const shown = [...ahead, ...rows];
  return {
    rows: turn.order === "oldest" ? shown.reverse() : shown,
    newerAfter: hasNewer ? (rows.at(0)?.seq ?? null) : null,
    olderBefore: hasOlder ? (rows.at(-1)?.seq ?? null) : null,
  };
}

function isTowardsNewer({ before, after, order }: LedgerTurn): boolean {
  if ((before ?? null) !== null) return false;
  return (after ?? null) !== null || order === "oldest";
}

/** A page of booked rows and one row more; none after `version`, which the pending ones go on from. */
async function readBooked(
  reader: Executor,
  { userId, filter, turn, limit }: LedgerSearch,
  version: number | null,
): Promise<BookedEntry[]> {
  const { seq } = creditTransaction;
  const { before = null, after = null } = turn;
  const towardsNewer = isTowardsNewer(turn);
  return reader
    .select()
    .from(creditTransaction)
    .where(
      and(
        eq(creditTransaction.userId, userId),
        version === null ? undefined : lte(seq, version),
        before === null ? undefined : lt(seq, before),
        towardsNewer && after !== null ? gt(seq, after) : undefined,
        ...narrowed(userId, filter),
      ),
    )
    .orderBy(towardsNewer ? asc(seq) : desc(seq))
    .limit(limit + 1);
}

function narrowed(userId: string, { type, from, to, text }: LedgerFilter): (SQL | undefined)[] {
  const { seq } = creditTransaction;
  return [
    from ? gte(seq, firstSeqFrom(userId, from)) : undefined,
    to ? lt(seq, firstSeqFrom(userId, to)) : undefined,
    type ? eq(creditTransaction.type, type) : undefined,
    text ? matching(text) : undefined,
  ];
}

/** `position`, not `like`: what a person types holds no wildcards. */
function matching(text: string): SQL | undefined {
  const inSource = sql`position(lower(${text}) in lower(${creditTransaction.source})) > 0`;
  const number = /^\d{1,15}$/.test(text) ? Number(text) : null;
  return number === null ? inSource : or(eq(creditTransaction.seq, number), inSource);
}

/** The pending rows that a search finds, newest first. They would be booked at `at`, so that is theirs. */
function pendingRows(
  expiries: readonly PendingExpiry[],
  { filter: { type, from, to, text }, at }: LedgerSearch,
): LedgerEntry[] {
  if ((type && type !== "EXPIRE") || (from && at < from) || (to && at >= to)) return [];
  const fits = ({ seq, source }: PendingExpiry) =>
    !text || String(seq) === text || source.toLowerCase().includes(text.toLowerCase());
  return expiries.filter(fits).toReversed().map(toEntry);
}

function toEntry({ seq, lotSeq, ...expiry }: PendingExpiry): LedgerEntry {
  return {
    ...{ seq, lotSeq, ...expiry, type: "EXPIRE", bookedAt: null },
    idempotencyKey: `lot:${lotSeq}:${seq}:expire`,
    ...{ relatedSeq: null, requested: null, debtMade: null, reversalId: null },
  };
}
