import { lotOf, type ModelAccount, type ModelHold } from "./account";
import { bookExpired, expiredBy, type Part, putBack } from "./lots";

/** What a hold has set aside of which lots. */
export function partsOf(account: ModelAccount, hold: ModelHold): Part[] {
  return account.allocations
    .filter((row) => row.holdKey === hold.key)
    .map((row) => ({ lot: lotOf(account, row.lotSeq), amount: row.amount }));
}

/** Closes an open hold as of `at`. What it held is the caller's to book or to put back. */
export function closeHold(
  account: ModelAccount,
  hold: ModelHold,
  status: Exclude<ModelHold["status"], "open">,
  at: Date,
): void {
  hold.status = status;
  hold.closedAt = at;
  account.held -= hold.amount;
  for (const row of account.allocations) if (row.holdKey === hold.key) row.toAt = at;
}

/**
 * What every write does first: the account's time moves up to `now`, lapsed holds give their credits back, each as of its own expiry,
 * then what has expired by `now` is booked.
 */
export function sweep(account: ModelAccount, now: Date): void {
  const lapsed = account.holds
    .filter((hold) => hold.status === "open" && hold.expiresAt <= now)
    .sort((a, b) => a.expiresAt.getTime() - b.expiresAt.getTime() || (a.key < b.key ? -1 : 1));
  for (const hold of lapsed) lapse(account, hold, now);
  bookExpired(account, { at: now, bookedAt: now });
  account.asOf = now;
}

/** Whether a sweep at `now` would change anything; the expiry job leaves others alone. */
export function isDue(account: ModelAccount, now: Date): boolean {
  return (
    account.lots.some((lot) => lot.remaining > 0 && expiredBy(lot, now)) ||
    account.holds.some((hold) => hold.status === "open" && hold.expiresAt <= now)
  );
}

function lapse(account: ModelAccount, hold: ModelHold, now: Date): void {
  const at = hold.expiresAt;
  // What expired before the credits came back expired on its own instant …
  bookExpired(account, { at, bookedAt: now });
  putBack(account, partsOf(account, hold), at);
  closeHold(account, hold, "lapsed", at);
  // … and what comes back to a lot that is gone expires on arrival.
  bookExpired(account, { at, bookedAt: now, putAt: at });
}
