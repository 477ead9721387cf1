import type { Database, Transaction } from "@/db/client";
import { inRepeatableRead } from "@/db/repeatable-read";
import type { CreditType } from "@/ledger/grant";
import { getBalance, listLots } from "@/ledger/reads/balance";

interface Amounts {
  /** Negative: debt. */
  readonly available: number;
  readonly held: number;
  readonly debt: number;
}

export interface LotEffect {
  readonly seq: number;
  readonly type: CreditType;
  /** Credits taken from the lot or added with it. */
  readonly credits: number;
  readonly expiresAt: Date | null;
}

/** What a write does to a user's credits. */
export interface CreditEffect {
  readonly before: Amounts;
  readonly after: Amounts;
  /** Debt that the write pays off. */
  readonly debtPaid: number;
  /** The lots it draws on, in burn order. */
  readonly taken: readonly LotEffect[];
  /** The lots it adds, without what paid debt. */
  readonly added: readonly LotEffect[];
}

/**
 * Runs `write` in a transaction that is rolled back, and returns its effect on the user's credits. The
 * ledger's own functions compute it, so that the preview and the write cannot differ. Locks what the
 * write locks, until the rollback.
 * @throws what the write throws
 */
export async function rehearseCredits(
  db: Database,
  {
    userId,
    now,
    write,
  }: { userId: string; now: Date; write: (tx: Transaction) => Promise<unknown> },
): Promise<CreditEffect> {
  try {
    return await inRepeatableRead(db, async (tx): Promise<never> => {
      const before = await read(tx, { userId, now });
      await write(tx);
      throw new Rehearsed(effectOf(before, await read(tx, { userId, now })));
    });
  } catch (error) {
    if (error instanceof Rehearsed) return error.effect;
    throw error;
  }
}

/** Rolls the rehearsal's transaction back. */
class Rehearsed extends Error {
  constructor(readonly effect: CreditEffect) {
    super("The rehearsal was rolled back.");
  }
}

type Lots = Awaited<ReturnType<typeof listLots>>;

async function read(tx: Transaction, options: { userId: string; now: Date }) {
  const { available, held, debt } = await getBalance(tx, options);
  return { amounts: { available, held, debt }, lots: await listLots(tx, options) };
}

function effectOf(
  before: { amounts: Amounts; lots: Lots },
  after: { amounts: Amounts; lots: Lots },
): CreditEffect {
  return {
    before: before.amounts,
    after: after.amounts,
    debtPaid: Math.max(0, before.amounts.debt - after.amounts.debt),
    taken: differences(before.lots, after.lots),
    added: differences(after.lots, before.lots),
  };
}

/** What the lots of `from` have more than the same lots of `other`. */
function differences(from: Lots, other: Lots): LotEffect[] {
  const otherCredits = new Map(other.map(({ seq, available }) => [seq, available]));
  return from.flatMap(({ seq, type, available, expiresAt }) => {
    const credits = available - (otherCredits.get(seq) ?? 0);
    return credits > 0 ? [{ seq, type, credits, expiresAt }] : [];
  });
}
