import { InvalidAmount } from "@/ledger/errors";
import type { ModelTransaction } from "./account";

/** What a write answers, the first time and every time it is repeated. */
export interface Answer {
  readonly seq: number;
  readonly type: ModelTransaction["type"];
  readonly amount: number;
  readonly balanceAfter: number;
  readonly bookedAt: Date;
  readonly replayed: boolean;
}

export function fresh(transaction: ModelTransaction): Answer {
  const { seq, type, amount, balanceAfter, bookedAt } = transaction;
  return { seq, type, amount, balanceAfter, bookedAt, replayed: false };
}

export function replay(transaction: ModelTransaction): Answer {
  return { ...fresh(transaction), replayed: true };
}

/** Throws unless `amount` is a whole number of at least one credit. */
export function requireWhole(amount: number): void {
  if (!Number.isSafeInteger(amount) || amount < 1)
    throw new InvalidAmount("An amount of credits is a whole number of at least 1.", amount);
}
