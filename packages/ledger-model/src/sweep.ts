import { lotOf, type ModelAccount, type ModelHold } from "./account";
import { bookExpired, expiredBy, lastDrawn, type Part, returnParts } from "./lots";

/** Returns the parts of lots that a hold reserves, in the order in which they were drawn. */
export function partsOf(account: ModelAccount, hold: ModelHold): Part[] {
  return account.allocations
    .filter((row) => row.holdKey === hold.key)
    .map((row) => ({ lot: lotOf(account, row.lotSeq), amount: row.amount }));
}

/** Closes an open hold as of `at`. The caller books its credits or returns them to their lots. */
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
 * Brings the account up to `now`, as every write does first: lapsed holds return their credits as of
 * their expiry, then expired lots are booked.
 */
export function sweep(account: ModelAccount, now: Date): void {
  const lapsed = account.holds
    .filter((hold) => hold.status === "open" && hold.expiresAt <= now)
    .sort((a, b) => a.expiresAt.getTime() - b.expiresAt.getTime() || (a.key < b.key ? -1 : 1));
  for (const hold of lapsed) lapse(account, hold, now);
  bookExpired(account, { at: now, bookedAt: now });
  account.asOf = now;
}

/** Whether a sweep at `now` would change anything. The expiry job skips other accounts. */
export function isDue(account: ModelAccount, now: Date): boolean {
  return (
    account.lots.some((lot) => lot.remaining > 0 && expiredBy(lot, now)) ||
    account.holds.some((hold) => hold.status === "open" && hold.expiresAt <= now)
  );
}

function lapse(account: ModelAccount, hold: ModelHold, now: Date): void {
  const at = hold.expiresAt;
  // Lots that expired earlier expire at their own instant.
  bookExpired(account, { at, bookedAt: now });
  returnParts(account, lastDrawn(partsOf(account, hold)), at);
  closeHold(account, hold, "lapsed", at);
  // Credits returned to an expired lot expire at once.
  bookExpired(account, { at, bookedAt: now, returnedAt: at });
}
