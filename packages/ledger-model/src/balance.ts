import { type ModelAccount, type ModelLot, sumOf } from "./account";
import { expiredBy } from "./lots";
import { isDue, sweep } from "./sweep";

export interface ModelBalance {
  /** Credits that can be spent. Negative: debt. */
  readonly available: number;
  readonly held: number;
  readonly debt: number;
  /** The lots with credits available. */
  readonly lots: ReadonlyArray<{ readonly seq: number; readonly amount: number }>;
}

/**
 * Returns the balance at a past, present or future instant. From the latest write on it is the result
 * of a sweep at that instant; before it, it is read from history.
 */
export function balanceAsOf(account: ModelAccount, at: Date): ModelBalance {
  return at >= account.asOf ? balanceAfterSweep(account, at) : balanceByHistory(account, at);
}

/** Returns the balance after a sweep at `at`. Valid from the latest write on. */
export function balanceAfterSweep(account: ModelAccount, at: Date): ModelBalance {
  const swept = isDue(account, at) ? structuredClone(account) : account;
  if (swept !== account) sweep(swept, at);
  return balanceOf(swept, (lot) => lot.remaining);
}

/** Returns the balance from effective instants. Valid up to the latest write. */
export function balanceByHistory(account: ModelAccount, at: Date): ModelBalance {
  const active = account.allocations.filter(
    (row) => row.fromAt <= at && (row.toAt === null || at < row.toAt),
  );
  const settled = account.settlements.filter((row) => row.at <= at);
  const debtMade = account.transactions
    .filter((row) => row.effectiveAt <= at)
    .reduce((sum, row) => sum + (row.debtMade ?? 0), 0);
  const held = sumOf(active.filter((row) => row.holdKey !== null));
  const state = { lots: account.lots, held, debt: debtMade - sumOf(settled) };
  return balanceOf(state, (lot) => {
    if (lot.grantedAt > at || expiredBy(lot, at)) return 0;
    const ofLot = (row: { readonly lotSeq: number | null }) => row.lotSeq === lot.seq;
    return lot.amount - sumOf(active.filter(ofLot)) - sumOf(settled.filter(ofLot));
  });
}

function balanceOf(
  { lots, held, debt }: Pick<ModelAccount, "lots" | "held" | "debt">,
  availableOn: (lot: ModelLot) => number,
): ModelBalance {
  const parts = lots
    .map((lot) => ({ seq: lot.seq, amount: availableOn(lot) }))
    .filter((part) => part.amount > 0);
  return { available: sumOf(parts) - debt, held, debt, lots: parts };
}
