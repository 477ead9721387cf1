import { type ModelAccount, type ModelLot, sumOf } from "./account";
import { expiredBy } from "./lots";
import { isDue, sweep } from "./sweep";

export interface ModelBalance {
  /** What can be spent; negative is debt. */
  readonly available: number;
  readonly held: number;
  readonly debt: number;
  /** Of which lots `available` is made, debt aside; only those that have something left. */
  readonly lots: ReadonlyArray<{ readonly seq: number; readonly amount: number }>;
}

/**
 * What the balance was, is or (if nothing happens) will be at an instant. From the account's
 * latest write on, a sweep at that instant tells; before it, history does.
 */
export function balanceAsOf(account: ModelAccount, at: Date): ModelBalance {
  return at >= account.asOf ? balanceOnceSwept(account, at) : balanceByHistory(account, at);
}

/** The balance that a sweep at `at` would leave; right from the latest write on. */
export function balanceOnceSwept(account: ModelAccount, at: Date): ModelBalance {
  const swept = isDue(account, at) ? structuredClone(account) : account;
  if (swept !== account) sweep(swept, at);
  return balanceOf(swept, (lot) => lot.remaining);
}

/** The balance by effective instants alone; right up to the latest write. */
export function balanceByHistory(account: ModelAccount, at: Date): ModelBalance {
  const inForce = account.allocations.filter(
    (row) => row.fromAt <= at && (row.toAt === null || at < row.toAt),
  );
  const settled = account.settlements.filter((row) => row.at <= at);
  const debtMade = account.transactions
    .filter((row) => row.effectiveAt <= at)
    .reduce((sum, row) => sum + (row.debtMade ?? 0), 0);
  const held = sumOf(inForce.filter((row) => row.holdKey !== null));
  const state = { lots: account.lots, held, debt: debtMade - sumOf(settled) };
  return balanceOf(state, (lot) => {
    if (lot.grantedAt > at || expiredBy(lot, at)) return 0;
    const ofLot = (row: { readonly lotSeq: number | null }) => row.lotSeq === lot.seq;
    return lot.amount - sumOf(inForce.filter(ofLot)) - sumOf(settled.filter(ofLot));
  });
}

function balanceOf(
  { lots, held, debt }: Pick<ModelAccount, "lots" | "held" | "debt">,
  leftOf: (lot: ModelLot) => number,
): ModelBalance {
  const parts = lots
    .map((lot) => ({ seq: lot.seq, amount: leftOf(lot) }))
    .filter((part) => part.amount > 0);
  return { available: sumOf(parts) - debt, held, debt, lots: parts };
}
