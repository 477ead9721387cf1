import { type ModelAccount, type ModelHold, type ModelTransaction, sumOf } from "./account";
import { ModelError } from "./errors";
import type { LimitState } from "./limits";

/** The result of a write, and of every repetition of it. */
export interface TransactionResult {
  readonly seq: number;
  readonly type: ModelTransaction["type"];
  readonly amount: number;
  readonly balanceAfter: number;
  readonly bookedAt: Date;
  readonly replayed: boolean;
  /** The limit with the least remaining. Missing if none applies. */
  readonly limit?: LimitState;
}

/** Who spends, and on what. Missing: the site. */
export interface Spender {
  readonly serviceId?: string;
  readonly feature?: string;
}

/** Throws if spending `amount` would exceed a limit of the account as it is. */
export type RequireWithinLimits = (amount: number) => void;

export function recorded(transaction: ModelTransaction): TransactionResult {
  const { seq, type, amount, balanceAfter, bookedAt } = transaction;
  return { seq, type, amount, balanceAfter, bookedAt, replayed: false };
}

export function replayed(transaction: ModelTransaction): TransactionResult {
  return { ...recorded(transaction), replayed: true };
}

/** Throws unless `amount` is a whole number of at least one credit. */
export function requireWhole(amount: number): void {
  if (!Number.isSafeInteger(amount) || amount < 1)
    throw new ModelError("InvalidAmount", { amount });
}

/**
 * Returns the transaction that a repeated call recorded, or undefined for a new key. A key of another
 * call, or of the same call with another payload, is a conflict.
 */
export function findRecorded(
  account: ModelAccount,
  key: string,
  isSameCall: (transaction: ModelTransaction) => boolean,
): ModelTransaction | undefined {
  const transaction = account.transactions.find((row) => row.key === key);
  if (transaction === undefined ? isHoldKey(account, key) : !isSameCall(transaction))
    throw new ModelError("IdempotencyConflict", { key });
  return transaction;
}

/** Returns the hold that a repeated call made, or undefined for a new key. */
export function findHold(
  account: ModelAccount,
  key: string,
  payload: { readonly amount: number; readonly source: string; readonly feature?: string },
): ModelHold | undefined {
  const hold = account.holds.find((row) => row.key === key);
  const added = sumOf(account.extensions.filter((row) => row.holdKey === key));
  if (
    hold !== undefined &&
    hold.amount - added === payload.amount &&
    hold.source === payload.source &&
    hold.feature === (payload.feature ?? null)
  )
    return hold;
  requireNewKey(account, key);
  return undefined;
}

/** Throws if a transaction, hold, extension or release of this user has the key. */
export function requireNewKey(account: ModelAccount, key: string): void {
  findRecorded(account, key, () => false);
}

function isHoldKey(account: ModelAccount, key: string): boolean {
  return (
    account.holds.some((hold) => hold.key === key || hold.releaseKey === key) ||
    account.extensions.some((row) => row.key === key)
  );
}
