import { max } from "date-fns";
import type { freeCreditClaim } from "@/db/schema";
import { monthsAfter } from "@/lib/utc-period";

export type WithheldReason = NonNullable<(typeof freeCreditClaim.$inferSelect)["reason"]>;

/** Gifts to the sign-ups of one network and UTC day. Later ones wait until the address is verified. */
export const GIFTS_PER_NETWORK_AND_DAY = 50;
/** An account deleted in debt leaves no free credits to its owner for this long. */
export const DEBT_MONTHS = 12;
/** How long the claim of a deleted account is kept. */
export const CLAIM_RETENTION_MONTHS = 24;

/** What the other accounts of a person got. */
export interface PersonHistory {
  readonly hadGift: boolean;
  /** Another account that exists gets the free months. */
  readonly getsMonths: boolean;
  /** When the next free month of the deleted accounts would have been due. */
  readonly nextMonthAt: Date | null;
  /** When the latest account with debt was deleted. */
  readonly deletedInDebtAt: Date | null;
}

export interface FreeCreditsDecision {
  readonly withGift: boolean;
  /** When the free months begin; null while they are withheld. */
  readonly monthsFromAt: Date | null;
  /** Null if nothing is withheld. */
  readonly reason: WithheldReason | null;
}

/**
 * Decides what an account gets for free: everything for a new person, no second gift and no second
 * month in the same period for a returning one, nothing for a year after a deletion in debt. A verified
 * address is never checked for its domain or network.
 */
export function decideFreeCredits({
  history,
  isVerified,
  isDisposable,
  isOverBudget,
  now,
}: {
  history: PersonHistory;
  isVerified: boolean;
  isDisposable: boolean;
  isOverBudget: boolean;
  now: Date;
}): FreeCreditsDecision {
  const withheld = { withGift: false, monthsFromAt: null };
  if (!isVerified && isDisposable) return { ...withheld, reason: "disposable" };
  const { hadGift, getsMonths, nextMonthAt, deletedInDebtAt } = history;
  const debtUntil = deletedInDebtAt && monthsAfter(deletedInDebtAt, DEBT_MONTHS);
  const isInDebt = debtUntil !== null && debtUntil > now;
  if (isInDebt || hadGift || getsMonths) {
    const earliest = [now, nextMonthAt, debtUntil].filter((at) => at !== null);
    return {
      withGift: false,
      monthsFromAt: getsMonths ? null : max(earliest),
      reason: isInDebt ? "debt" : "returning",
    };
  }
  if (!isVerified && isOverBudget) return { ...withheld, reason: "network" };
  return { withGift: true, monthsFromAt: now, reason: null };
}
