import { and, asc, eq, gte, inArray, sql } from "drizzle-orm";
import type { CreditType } from "@/credits/grant-credits";
import { getDraws, listTransactions } from "@/credits/queries";
import type { Reader } from "@/db/client";
import { creditAccount, creditHold, creditTransaction, user } from "@/db/schema";
import { PAGE_ROWS } from "./keyset";

/** One user with the state of their account; undefined if there is none. */
export async function findUser(reader: Reader, userId: string) {
  const [found] = await reader
    .select({
      id: user.id,
      name: user.name,
      email: user.email,
      emailVerified: user.emailVerified,
      role: user.role,
      banned: user.banned,
      banReason: user.banReason,
      locale: user.locale,
      timeZone: user.timeZone,
      stripeCustomerId: user.stripeCustomerId,
      createdAt: user.createdAt,
      deletedAt: user.deletedAt,
      version: creditAccount.version,
      asOf: creditAccount.asOf,
      frozenAt: creditAccount.frozenAt,
      frozenReason: creditAccount.frozenReason,
    })
    .from(user)
    .leftJoin(creditAccount, eq(creditAccount.userId, user.id))
    .where(eq(user.id, userId));
  return found;
}
export type FoundUser = NonNullable<Awaited<ReturnType<typeof findUser>>>;

/** The credits set aside and neither captured nor released, with those that have lapsed unbooked. */
export async function listOpenHolds(reader: Reader, { userId }: { userId: string }) {
  return reader
    .select()
    .from(creditHold)
    .where(and(eq(creditHold.userId, userId), sql`${creditHold.status} = 'open'`))
    .orderBy(asc(creditHold.expiresAt), asc(creditHold.key));
}

export interface LedgerTurn {
  readonly userId: string;
  readonly types: readonly CreditType[];
  /** Shows what was booked before this number. */
  readonly before?: number | undefined;
}

export type Draw = Awaited<ReturnType<typeof getDraws>>[number];

/** One page of a user's ledger, each transaction with the lots it drew on or gave back to. */
export async function readLedgerPage(reader: Reader, turn: LedgerTurn) {
  const { userId, types, before } = turn;
  const { rows, nextBefore } = await listTransactions(reader, {
    userId,
    types,
    limit: PAGE_ROWS,
    ...(before !== undefined && { before }),
  });
  const draws = await getDraws(reader, { userId, seqs: rows.map((row) => row.seq) });
  return {
    rows: rows.map((row) => ({
      ...row,
      draws: draws.filter((draw) => draw.transactionSeq === row.seq),
    })),
    older: nextBefore,
    newer: before === undefined ? null : await findNewerPage(reader, { ...turn, before }),
  };
}
export type LedgerRow = Awaited<ReturnType<typeof readLedgerPage>>["rows"][number];

/**
 * Where the page before this one begins: `before` of that page, `"newest"` if it is the first, null
 * if there is nothing newer.
 */
async function findNewerPage(
  reader: Reader,
  { userId, types, before }: LedgerTurn & { before: number },
): Promise<number | "newest" | null> {
  const newer = await reader
    .select({ seq: creditTransaction.seq })
    .from(creditTransaction)
    .where(
      and(
        eq(creditTransaction.userId, userId),
        gte(creditTransaction.seq, before),
        types.length === 0 ? undefined : inArray(creditTransaction.type, [...types]),
      ),
    )
    .orderBy(asc(creditTransaction.seq))
    .limit(PAGE_ROWS + 1);
  if (newer.length === 0) return null;
  const beyond = newer[PAGE_ROWS];
  return beyond === undefined ? "newest" : beyond.seq;
}
