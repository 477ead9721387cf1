import { and, asc, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Executor } from "@/db/client";
import { user } from "@/db/schema";
import type { CreditType } from "@/ledger/grant";
import { getDraws } from "@/ledger/reads/balance";
import { getLotHistories } from "@/ledger/reads/lot-history";
import type { ReadAt } from "@/ledger/reads/read-at";
import { type LedgerTurn, searchLedger } from "@/ledger/reads/search";
import { creditAccount, creditHold, creditType } from "@/ledger/schema";
import { isPlainText } from "@/lib/plain-text";
import { PAGE_ROWS } from "../lists/keyset";
import { instant, listOrder, sequenceNumber } from "../lists/query-fields";

export const userQuery = z.object({
  at: instant,
  type: z.enum(creditType.enumValues).optional().catch(undefined),
  order: listOrder,
  /** The page of ledger entries older than one number or newer than another. */
  before: sequenceNumber,
  after: sequenceNumber,
});
export type LedgerPageQuery = Pick<z.output<typeof userQuery>, "order" | "before" | "after">;

/** One user with the state of their credit account, or undefined. */
export async function findUser(reader: Executor, userId: string) {
  // The id comes from a URL, and Postgres rejects some texts.
  if (!isPlainText(userId)) return undefined;
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

/** Open holds, including lapsed ones that no job has released yet. */
export async function listOpenHolds(reader: Executor, { userId }: { userId: string }) {
  return reader
    .select()
    .from(creditHold)
    .where(and(eq(creditHold.userId, userId), sql`${creditHold.status} = 'open'`))
    .orderBy(asc(creditHold.expiresAt), asc(creditHold.key));
}

export type Draw = Awaited<ReturnType<typeof getDraws>>[number];

/**
 * One page of a user's ledger. Each transaction comes with its allocations, and each grant
 * with the history of its lot.
 */
export async function readLedgerPage(
  reader: Executor,
  ledger: { userId: string; type?: CreditType; turn: LedgerTurn } & ReadAt,
) {
  const { userId, type, turn, ...when } = ledger;
  const filter = { type: type ?? null };
  const page = await searchLedger(reader, { userId, filter, turn, limit: PAGE_ROWS, ...when });
  const seqs = page.rows.map((row) => row.seq);
  const [draws, histories] = await Promise.all([
    getDraws(reader, { userId, seqs }),
    getLotHistories(reader, { userId, lotSeqs: seqs, ...when }),
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
