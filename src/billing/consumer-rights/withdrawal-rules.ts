import { getDay } from "date-fns";
import { chargeStep } from "@/lib/currencies";
import { addDays, localDay, startOfDay } from "@/lib/local-day";

/*
 * The rules of docs/decisions/0086-consumer-rights.md. Articles are those of Directive 2011/83/EU.
 */

/** Days after a withdrawal within which the trader reimburses (Article 13(1)). */
export const REIMBURSEMENT_DAYS = 14;

/**
 * The first instant after the withdrawal period. The day of the contract does not count, and a period
 * that would end on a weekend ends on Monday (Regulation 1182/71, Article 3). Public holidays differ by
 * country and are left to the operator.
 */
export function withdrawalEnd({
  concludedAt,
  days,
  timeZone,
}: {
  concludedAt: Date;
  days: number;
  timeZone: string;
}): Date {
  const last = addDays(localDay(concludedAt, timeZone), days);
  const weekday = getDay(new Date(`${last}T12:00:00Z`));
  const extension = weekday === 6 ? 2 : weekday === 0 ? 1 : 0;
  return startOfDay(addDays(last, extension + 1), timeZone);
}

/** What a contract costs, covers and has supplied. */
export interface Performance {
  /** Charged in all, in minor units. */
  readonly paidCents: number;
  /** Refunded or taken by a dispute since. */
  readonly returnedCents: number;
  readonly currency: string;
  /** Credits that the buyer has used. */
  readonly usedCredits: number;
  /** Credits that the contract supplies in all; null if it has no end. */
  readonly coveredCredits: number | null;
  /** Whether the buyer asked for supply within the period and acknowledged what that means. */
  readonly hasConsent: boolean;
}

/**
 * What a withdrawal refunds, in minor units. The buyer pays for what was supplied in proportion to what the
 * contract covers (Article 14(3)), rounded in their favour. They pay nothing without the consent (Article
 * 14(4)) or if the contract has no end to compare with.
 */
export function refundOnWithdrawal(contract: Performance): number {
  const { paidCents, returnedCents } = contract;
  return Math.max(0, paidCents - priceOfUse(contract) - returnedCents);
}

function priceOfUse({
  paidCents,
  currency,
  usedCredits,
  coveredCredits,
  hasConsent,
}: Performance): number {
  if (!hasConsent || coveredCredits === null || coveredCredits === 0) return 0;
  const used = Math.min(usedCredits, coveredCredits);
  // The product can exceed 2^53.
  const cents = Number((BigInt(paidCents) * BigInt(used)) / BigInt(coveredCredits));
  return cents - (cents % chargeStep(currency));
}

/**
 * Whether a contract has been performed in full with the buyer's consent, which ends the right of
 * withdrawal (Article 16(a)). Only a pack can be: a plan also covers time.
 */
export function isFullyPerformed(
  { usedCredits, coveredCredits, hasConsent }: Performance,
  kind: "subscription" | "lifetime" | "pack",
): boolean {
  return kind === "pack" && hasConsent && coveredCredits !== null && usedCredits >= coveredCredits;
}
