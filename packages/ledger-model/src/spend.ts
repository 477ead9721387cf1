import { AccountFrozen, InsufficientCredits } from "@/ledger/errors";
import { availableOf, book, type ModelAccount } from "./account";
import { type Answer, fresh, replay, requireWhole } from "./answer";
import { findBooked } from "./keys";
import { allocate, draw } from "./lots";
import { sweep } from "./sweep";

export interface SpendInput {
  readonly key: string;
  readonly amount: number;
  readonly source: string;
  readonly now: Date;
}

/** Takes credits for good, from what expires first. */
export function spend(account: ModelAccount, input: SpendInput): Answer {
  return debit(account, input, { type: "USAGE", operation: "spend" });
}

/** Takes back up to the whole balance, as an admin may from a frozen account too. */
export function adjustDown(account: ModelAccount, input: SpendInput): Answer {
  return debit(account, input, { type: "ADMIN_ADJUST", operation: "adjust" });
}

function debit(
  account: ModelAccount,
  { key, amount, source, now }: SpendInput,
  kind: { type: "USAGE"; operation: "spend" } | { type: "ADMIN_ADJUST"; operation: "adjust" },
): Answer {
  requireWhole(amount);
  const booked = findBooked(
    account,
    key,
    (row) => row.operation === kind.operation && row.amount === -amount && row.source === source,
  );
  if (booked !== undefined) return replay(booked);
  if (kind.operation === "spend") requireNotFrozen(account);
  sweep(account, now);
  requireAvailable(account, amount);
  const transaction = book(account, { ...kind, amount: -amount, key, source, bookedAt: now });
  allocate(account, draw(account.lots, amount), transaction.seq, now);
  return fresh(transaction);
}

export function requireNotFrozen(account: ModelAccount): void {
  if (account.frozen) throw new AccountFrozen();
}

export function requireAvailable(account: ModelAccount, required: number): void {
  const available = availableOf(account);
  if (available < required) throw new InsufficientCredits({ required, available });
}
