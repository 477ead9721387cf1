import { book, type ModelAccount, type ModelLot, sumOf } from "./account";

/** A number of credits of one lot. */
export interface Part {
  readonly lot: ModelLot;
  readonly amount: number;
}

/** Burn order: priority, expiry (never last), promotional before paid, grant time, seq. */
export function compareBurnOrder(a: ModelLot, b: ModelLot): number {
  return (
    a.priority - b.priority ||
    compareExpiry(a.expiresAt, b.expiresAt) ||
    Number(a.paid) - Number(b.paid) ||
    a.grantedAt.getTime() - b.grantedAt.getTime() ||
    a.seq - b.seq
  );
}

function compareExpiry(a: Date | null, b: Date | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return a.getTime() - b.getTime();
}

export function expiredBy(lot: ModelLot, at: Date): boolean {
  return lot.expiresAt !== null && lot.expiresAt <= at;
}

/** Takes `amount` from parts in the order in which they were drawn. */
export function firstDrawn(parts: readonly Part[], amount: number): Part[] {
  return takeParts(parts, amount);
}

/** Takes `amount` from parts, by default all, the last drawn first: the order of returns. */
export function lastDrawn(parts: readonly Part[], amount = sumOf(parts)): Part[] {
  return takeParts(parts.toReversed(), amount);
}

/** Takes `amount` from `parts` in burn order, or all of them if they are fewer. */
function firstToBurn(parts: readonly Part[], amount: number): Part[] {
  return takeParts(
    parts.toSorted((a, b) => compareBurnOrder(a.lot, b.lot)),
    amount,
  );
}

function takeParts(parts: readonly Part[], amount: number): Part[] {
  let missing = amount;
  return parts
    .map((part) => {
      const taken = Math.min(missing, part.amount);
      missing -= taken;
      return { lot: part.lot, amount: taken };
    })
    .filter((part) => part.amount > 0);
}

/** Draws up to `amount` from lots in burn order and returns the parts. */
export function draw(lots: readonly ModelLot[], amount: number): Part[] {
  const parts = firstToBurn(
    lots.map((lot) => ({ lot, amount: lot.remaining })),
    amount,
  );
  for (const part of parts) part.lot.remaining -= part.amount;
  return parts;
}

/** Returns parts to their lots, in the order given. */
export function returnParts(account: ModelAccount, parts: readonly Part[], at: Date): void {
  for (const part of parts) put(account, part.lot, part.amount, at);
}

/** Credits a lot. Settles debt first, whether or not the lot has expired. */
export function put(account: ModelAccount, lot: ModelLot, amount: number, at: Date): void {
  lot.remaining += amount - settleDebt(account, lot.seq, amount, at);
}

/** Opens the lot of a new transaction. Its credits settle debt first. */
export function openLot(
  account: ModelAccount,
  lot: Omit<ModelLot, "remaining" | "grantedAt">,
  at: Date,
): void {
  const opened: ModelLot = { ...lot, remaining: 0, grantedAt: at };
  account.lots.push(opened);
  put(account, opened, opened.amount, at);
}

/** Settles debt, the oldest first, and returns the amount used. */
function settleDebt(account: ModelAccount, lotSeq: number, amount: number, at: Date): number {
  let remaining = amount;
  for (const debt of account.transactions.filter(({ debtMade }) => debtMade !== null)) {
    const paid = Math.min(remaining, unsettledDebt(account, debt.seq));
    if (paid === 0) continue;
    account.settlements.push({ lotSeq, revokeSeq: debt.seq, amount: paid, at });
    remaining -= paid;
  }
  account.debt -= amount - remaining;
  return amount - remaining;
}

/** Returns the debt of a transaction that is not settled yet. */
export function unsettledDebt(account: ModelAccount, revokeSeq: number): number {
  const made = account.transactions[revokeSeq - 1]?.debtMade ?? 0;
  return made - sumOf(account.settlements.filter((row) => row.revokeSeq === revokeSeq));
}

/** Cancels debt of a transaction that no lot has settled. */
export function cancelDebt(
  account: ModelAccount,
  { seq: revokeSeq }: { readonly seq: number },
  amount: number,
  at: Date,
): void {
  if (amount === 0) return;
  account.settlements.push({ lotSeq: null, revokeSeq, amount, at });
  account.debt -= amount;
}

/** Records what a transaction drew from lots or, with sign −1, returned to them. */
export function allocate(
  account: ModelAccount,
  parts: readonly Part[],
  transactionSeq: number,
  fromAt: Date,
  sign: 1 | -1 = 1,
): void {
  for (const { lot, amount } of parts)
    account.allocations.push({
      lotSeq: lot.seq,
      amount: sign * amount,
      transactionSeq,
      holdKey: null,
      fromAt,
      toAt: null,
    });
}

/**
 * Books the remainder of lots that have expired by `at`, one EXPIRE per lot in order of expiry. It
 * takes effect when the lot expired, or at `returnedAt` when the credits returned to an expired lot.
 */
export function bookExpired(
  account: ModelAccount,
  options: { readonly at: Date; readonly bookedAt: Date; readonly returnedAt?: Date },
): void {
  const expired = account.lots
    .filter((lot) => lot.remaining > 0 && expiredBy(lot, options.at))
    .sort((a, b) => compareExpiry(a.expiresAt, b.expiresAt) || a.seq - b.seq);
  for (const lot of expired) {
    book(account, {
      type: "EXPIRE",
      operation: "expire",
      amount: -lot.remaining,
      key: `lot:${lot.seq}:${account.transactions.length + 1}:expire`,
      source: lot.source,
      lotSeq: lot.seq,
      bookedAt: options.bookedAt,
      effectiveAt: options.returnedAt ?? lot.expiresAt ?? options.at,
    });
    lot.remaining = 0;
  }
}
