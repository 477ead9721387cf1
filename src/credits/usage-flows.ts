import type { MonthUsage } from "./usage-by-month";

/** A month in four figures, all zero or more. */
export interface MonthFlows {
  readonly month: string;
  /** Everything that came in, but for what was given back. */
  readonly received: number;
  /** Spent, less what was given back. */
  readonly used: number;
  readonly expired: number;
  /** Refunds, disputes and corrections that took credits away. */
  readonly takenBack: number;
}

/** Sums a month's types up. A month that gave more back than it spent counts the rest as received. */
export function monthFlows({ month, types }: MonthUsage): MonthFlows {
  let received = 0;
  let used = 0;
  let expired = 0;
  let takenBack = 0;
  for (const { type, creditsIn, creditsOut } of types) {
    if (type === "USAGE" || type === "USAGE_REFUND") used -= creditsIn + creditsOut;
    else {
      received += creditsIn;
      if (type === "EXPIRE") expired -= creditsOut;
      else takenBack -= creditsOut;
    }
  }
  return {
    month,
    received: received + Math.max(0, -used),
    used: Math.max(0, used),
    expired,
    takenBack,
  };
}
