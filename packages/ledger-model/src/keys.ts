import { IdempotencyConflict } from "@/ledger/errors";
import type { ModelAccount, ModelHold, ModelTransaction } from "./account";

/**
 * The transaction that a repeated call made, or undefined for a new key. A key that belongs to
 * anything else, or to a call that asked for something else, is a conflict.
 */
export function findBooked(
  account: ModelAccount,
  key: string,
  isSameCall: (booked: ModelTransaction) => boolean,
): ModelTransaction | undefined {
  const booked = account.transactions.find((row) => row.key === key);
  if (booked === undefined ? isHoldKey(account, key) : !isSameCall(booked))
    throw new IdempotencyConflict(key);
  return booked;
}

/** The hold that a repeated call made, or undefined for a new key. */
export function findHeld(
  account: ModelAccount,
  key: string,
  asked: { readonly amount: number; readonly source: string },
): ModelHold | undefined {
  const hold = account.holds.find((row) => row.key === key);
  if (hold?.amount === asked.amount && hold.source === asked.source) return hold;
  requireNewKey(account, key);
  return undefined;
}

/** Throws if anything of this user bears the key. */
export function requireNewKey(account: ModelAccount, key: string): void {
  findBooked(account, key, () => false);
}

function isHoldKey(account: ModelAccount, key: string): boolean {
  return account.holds.some((hold) => hold.key === key || hold.releaseKey === key);
}
