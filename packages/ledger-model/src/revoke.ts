import { book, type ModelAccount } from "./account";
import { type Answer, fresh, replay, requireWhole } from "./answer";
import { findBooked } from "./keys";
import { allocate, draw } from "./lots";
import type { SpendInput } from "./spend";
import { sweep } from "./sweep";

/**
 * Takes back credits whose payment was refunded or disputed: that source's own lots first, then
 * others in burn order; what has been spent already becomes debt.
 */
export function revoke(account: ModelAccount, input: SpendInput): Answer {
  const { key, amount, source, now } = input;
  requireWhole(amount);
  const booked = findBooked(
    account,
    key,
    (row) => row.operation === "revoke" && row.amount === -amount && row.source === source,
  );
  if (booked !== undefined) return replay(booked);
  sweep(account, now);
  const inLots = account.lots.reduce((sum, lot) => sum + lot.remaining, 0);
  const debtMade = Math.max(0, amount - inLots);
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
  return fresh(transaction);
}
