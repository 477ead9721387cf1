import { availableOf, book, type ModelAccount } from "./account";
import {
  findRecorded,
  type RequireWithinLimits,
  recorded,
  replayed,
  requireWhole,
  type Spender,
  type TransactionResult,
} from "./call";
import { ModelError } from "./errors";
import { allocate, draw } from "./lots";
import { sweep } from "./sweep";

export interface SpendInput extends Spender {
  readonly key: string;
  readonly amount: number;
  readonly source: string;
  readonly now: Date;
}

/** Spends credits in burn order. */
export function spend(
  account: ModelAccount,
  input: SpendInput,
  requireWithinLimits: RequireWithinLimits,
): TransactionResult {
  return debit(account, input, { type: "USAGE", operation: "spend" }, requireWithinLimits);
}

/** Removes up to the whole balance, from a frozen account too. */
export function adjustDown(account: ModelAccount, input: SpendInput): TransactionResult {
  return debit(account, input, { type: "ADMIN_ADJUST", operation: "adjust" });
}

type Nullable<Row> = { readonly [Name in keyof Row]?: Row[Name] | null };

function debit(
  account: ModelAccount,
  { key, amount, source, now, ...spender }: SpendInput,
  kind: { type: "USAGE"; operation: "spend" } | { type: "ADMIN_ADJUST"; operation: "adjust" },
  requireWithinLimits?: RequireWithinLimits,
): TransactionResult {
  const { serviceId = null, feature = null }: Nullable<Spender> = spender;
  requireWhole(amount);
  const known = findRecorded(
    account,
    key,
    (row) =>
      row.operation === kind.operation &&
      row.amount === -amount &&
      row.source === source &&
      row.feature === feature,
  );
  if (known !== undefined) return replayed(known);
  if (kind.operation === "spend") requireNotFrozen(account);
  sweep(account, now);
  requireAvailable(account, amount);
  requireWithinLimits?.(amount);
  const transaction = book(account, {
    ...kind,
    amount: -amount,
    key,
    source,
    serviceId,
    feature,
    bookedAt: now,
  });
  allocate(account, draw(account.lots, amount), transaction.seq, now);
  return recorded(transaction);
}

export function requireNotFrozen(account: ModelAccount): void {
  if (account.frozen) throw new ModelError("AccountFrozen");
}

export function requireAvailable(account: ModelAccount, required: number): void {
  const available = availableOf(account);
  if (available < required) throw new ModelError("InsufficientCredits", { required, available });
}
