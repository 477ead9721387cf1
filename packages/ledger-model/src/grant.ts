import { InvalidExpiry } from "@/ledger/errors";
import { book, type CreditType, type ModelAccount, type ModelTransaction } from "./account";
import { type Answer, fresh, replay, requireWhole } from "./answer";
import { findBooked } from "./keys";
import { openLot } from "./lots";
import { sweep } from "./sweep";

export interface GrantInput {
  readonly key: string;
  readonly amount: number;
  readonly type: CreditType;
  readonly source: string;
  /** null = never. */
  readonly expiresAt: Date | null;
  readonly paid: boolean;
  readonly priority?: number;
  readonly now: Date;
}

/** Adds a lot of credits; an admin's upward adjustment is one too. */
export function grant(
  account: ModelAccount,
  input: GrantInput,
  operation: "grant" | "adjust" = "grant",
): Answer {
  const { key, amount, type, source, expiresAt, paid, priority = 0, now } = input;
  requireWhole(amount);
  const booked = findBooked(account, key, (row) => isSameGrant(row, input, operation));
  if (booked !== undefined) return replay(booked);
  if (expiresAt !== null && expiresAt <= now)
    throw new InvalidExpiry("Credits can't be granted with an expiry that has passed.");
  sweep(account, now);
  const transaction = book(account, { type, operation, amount, key, source, bookedAt: now });
  openLot(account, { seq: transaction.seq, type, source, amount, priority, paid, expiresAt }, now);
  return fresh(transaction);
}

function isSameGrant(row: ModelTransaction, input: GrantInput, operation: string): boolean {
  return row.operation === operation && row.amount === input.amount && row.source === input.source;
}
