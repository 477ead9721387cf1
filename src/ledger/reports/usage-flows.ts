import { flowsOf } from "./flows";
import type { MonthUsage } from "./usage";

/** A month in four figures, all zero or more. */
export interface MonthFlows {
  readonly month: string;
  /** Everything that came in, but for what was given back. */
  readonly received: number;
  /** Spent, less what was given back. */
  readonly used: number;
  readonly expired: number;
  /** Refunds, disputes and corrections that took credits away, less what was restored. */
  readonly takenBack: number;
}

/**
 * Sums a month's types up, for a chart that has no room below zero: where a month gave more back than
 * it spent, or restored more than it took, the rest counts as received.
 */
export function monthFlows({ month, types }: MonthUsage): MonthFlows {
  const { granted, added, spent, expired, revoked, deducted } = flowsOf(types);
  const takenBack = revoked + deducted;
  return {
    month,
    received: granted + added + Math.max(0, -spent) + Math.max(0, -takenBack),
    used: Math.max(0, spent),
    expired,
    takenBack: Math.max(0, takenBack),
  };
}
