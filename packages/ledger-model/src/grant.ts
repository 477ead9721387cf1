import { book, type CreditType, type ModelAccount, type ModelTransaction } from "./account";
import { findRecorded, recorded, replayed, requireWhole, type TransactionResult } from "./call";
import { ModelError } from "./errors";
import { openLot } from "./lots";
import { sweep } from "./sweep";

export interface GrantInput {
  readonly key: string;
  readonly amount: number;
  readonly type: CreditType;
  readonly source: string;
  /** Null: never. */
  readonly expiresAt: Date | null;
  readonly paid: boolean;
  readonly priority?: number;
  readonly now: Date;
}

/** Grants a lot of credits. An upward adjustment is a grant too. */
export function grant(
  account: ModelAccount,
  input: GrantInput,
  operation: "grant" | "adjust" = "grant",
): TransactionResult {
  const { key, amount, type, source, expiresAt, paid, priority = 0, now } = input;
  requireWhole(amount);
  const known = findRecorded(account, key, (row) => isSameGrant(row, input, operation));
  if (known !== undefined) return replayed(known);
  if (expiresAt !== null && expiresAt <= now) throw new ModelError("InvalidExpiry");
  sweep(account, now);
  const transaction = book(account, { type, operation, amount, key, source, bookedAt: now });
  openLot(account, { seq: transaction.seq, type, source, amount, priority, paid, expiresAt }, now);
  return recorded(transaction);
}

function isSameGrant(row: ModelTransaction, input: GrantInput, operation: string): boolean {
  return row.operation === operation && row.amount === input.amount && row.source === input.source;
}
