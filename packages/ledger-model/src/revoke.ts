import { book, type ModelAccount } from "./account";
import { findRecorded, recorded, replayed, requireWhole, type TransactionResult } from "./call";
import { allocate, draw } from "./lots";
import type { SpendInput } from "./spend";
import { sweep } from "./sweep";

/**
 * Revokes credits whose payment was refunded or disputed: from the lots of its source first, then
 * from others in burn order. Credits already spent become debt.
 */
export function revoke(account: ModelAccount, input: SpendInput): TransactionResult {
  const { key, amount, source, now } = input;
  requireWhole(amount);
  const known = findRecorded(
    account,
    key,
    (row) => row.operation === "revoke" && row.amount === -amount && row.source === source,
  );
  if (known !== undefined) return replayed(known);
  sweep(account, now);
  const onLots = account.lots.reduce((sum, lot) => sum + lot.remaining, 0);
  const debtMade = Math.max(0, amount - onLots);
  const transaction = book(account, {
    type: "REVOKE",
    operation: "revoke",
    amount: -amount,
    key,
    source,
    debtMade,
    bookedAt: now,
  });
  const own = draw(
    account.lots.filter((lot) => lot.source === source),
    amount,
  );
  const ownAmount = own.reduce((sum, part) => sum + part.amount, 0);
  const others = draw(account.lots, amount - ownAmount);
  allocate(account, [...own, ...others], transaction.seq, now);
  account.debt += debtMade;
  return recorded(transaction);
}
