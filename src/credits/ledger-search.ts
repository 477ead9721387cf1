import { and, asc, desc, eq, gt, gte, lt, or, type SQL, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { creditTransaction } from "@/db/schema/ledger";
import type { CreditType } from "./grant-credits";
import { firstSeqFrom } from "./ledger-search-first-seq";

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

/** The page older than a number or newer than one; the newest when neither is given. */
export interface LedgerTurn {
  readonly before?: number | null;
  readonly after?: number | null;
}

export type LedgerEntry = typeof creditTransaction.$inferSelect;

export interface LedgerPage {
  /** Newest first. */
  readonly rows: readonly LedgerEntry[];
  /** The number to turn to newer pages after, and to older ones before; null where there are none. */
  readonly newerAfter: number | null;
  readonly olderBefore: number | null;
}

/**
 * One page of a user's ledger under a filter, by keyset in both directions. Instants become numbers
 * first (`firstSeqFrom`), so a month years back is read as fast as the newest; type and text are
 * looked for within the numbers that are left. Reads only.
 */
export async function searchLedger(
  reader: Reader,
  {
    userId,
    filter,
    turn,
    limit,
  }: {
    userId: string;
    filter: LedgerFilter;
    turn: LedgerTurn;
    limit: number;
  },
): Promise<LedgerPage> {
  const { before = null, after = null } = turn;
  const { seq } = creditTransaction;
  const towardsNewer = before === null && after !== null;
  const found = await reader
    .select()
    .from(creditTransaction)
    .where(
      and(
        eq(creditTransaction.userId, userId),
        before === null ? undefined : lt(seq, before),
        towardsNewer ? gt(seq, after) : undefined,
        ...narrowed(userId, filter),
      ),
    )
    .orderBy(towardsNewer ? asc(seq) : desc(seq))
    .limit(limit + 1);
  const rows = found.slice(0, limit);
  if (towardsNewer) rows.reverse();
  const hasMore = found.length > limit;
  const hasNewer = towardsNewer ? hasMore : before !== null;
  const hasOlder = towardsNewer || hasMore;
  return {
    rows,
    newerAfter: hasNewer ? (rows.at(0)?.seq ?? null) : null,
    olderBefore: hasOlder ? (rows.at(-1)?.seq ?? null) : null,
  };
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
