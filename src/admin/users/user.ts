import { and, asc, eq, sql } from "drizzle-orm";
import type { Executor } from "@/db/client";
import { user } from "@/db/schema";
import type { CreditType } from "@/ledger/grant";
import { getDraws } from "@/ledger/reads/balance";
import { getLotHistories } from "@/ledger/reads/lot-history";
import { type LedgerTurn, searchLedger } from "@/ledger/reads/search";
import { creditAccount, creditHold } from "@/ledger/schema";
import { PAGE_ROWS } from "../lists/keyset";

/** One user with the state of their account; undefined if there is none. */
export async function findUser(reader: Executor, userId: string) {
  // From an address, where anything may stand; Postgres keeps no NUL in a text.
  if (userId.includes("\0")) return undefined;
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
export async function listOpenHolds(reader: Executor, { userId }: { userId: string }) {
  return reader
    .select()
    .from(creditHold)
    .where(and(eq(creditHold.userId, userId), sql`${creditHold.status} = 'open'`))
    .orderBy(asc(creditHold.expiresAt), asc(creditHold.key));
}

export type Draw = Awaited<ReturnType<typeof getDraws>>[number];

/**
 * One page of a user's ledger as of `at`, each transaction with the lots it drew on or gave back to,
 * and what became of the lots that the page's grants made.
 */
export async function readLedgerPage(
  reader: Executor,
  { userId, type, turn, at }: { userId: string; type?: CreditType; turn: LedgerTurn; at: Date },
) {
  const filter = { type: type ?? null };
  const page = await searchLedger(reader, { userId, filter, turn, limit: PAGE_ROWS, at });
  const seqs = page.rows.map((row) => row.seq);
  const [draws, histories] = await Promise.all([
    getDraws(reader, { userId, seqs }),
    getLotHistories(reader, { userId, lotSeqs: seqs, at }),
  ]);
  return {
    ...page,
    rows: page.rows.map((row) => ({
      ...row,
      draws: draws.filter((draw) => draw.transactionSeq === row.seq),
      lot: histories.get(row.seq),
    })),
  };
}
export type LedgerRow = Awaited<ReturnType<typeof readLedgerPage>>["rows"][number];
