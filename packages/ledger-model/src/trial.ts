import { later, type ModelAccount } from "./account";
import { expiredBy } from "./lots";
import { sweep } from "./sweep";

export interface MoveExpiryInput {
  readonly source: string;
  readonly expiresAt: Date;
  readonly now: Date;
}

/**
 * Moves the expiry of a source's trial lots that have not expired, to now at the earliest. Returns
 * their number.
 */
export function moveExpiry(account: ModelAccount, { source, expiresAt, now }: MoveExpiryInput) {
  sweep(account, now);
  const moved = account.lots.filter(
    (lot) =>
      lot.type === "TRIAL" &&
      lot.source === source &&
      lot.expiresAt !== null &&
      !expiredBy(lot, now),
  );
  for (const lot of moved) lot.expiresAt = later(expiresAt, now);
  sweep(account, now);
  return moved.length;
}
