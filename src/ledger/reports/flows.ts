import type { CreditType } from "../grant";
import type { MonthUsage } from "./usage";

/** Credits moved under one type: the sums of positive and of negative amounts. */
export interface TypeSum {
  readonly type: CreditType;
  readonly creditsIn: number;
  readonly creditsOut: number;
}

/**
 * How credits enter and leave the ledger: `granted + added - spent - expired - revoked - deducted`
 * is the change of what is outstanding. Refunds reduce `spent` and restorations reduce `revoked`, so
 * these two can be negative.
 */
export interface Flows {
  readonly granted: number;
  /** By an admin. */
  readonly added: number;
  readonly spent: number;
  readonly expired: number;
  /** After refunds and disputes. */
  readonly revoked: number;
  /** By an admin. */
  readonly deducted: number;
}

export const FLOWS = ["granted", "added", "spent", "expired", "revoked", "deducted"] as const;

/** The flow of a type's positive and negative amounts. */
const FLOWS_OF_TYPES: Partial<Record<CreditType, { in: keyof Flows; out: keyof Flows }>> = {
  USAGE: { in: "spent", out: "spent" },
  USAGE_REFUND: { in: "spent", out: "spent" },
  EXPIRE: { in: "expired", out: "expired" },
  REVOKE: { in: "revoked", out: "revoked" },
  RESTORE: { in: "revoked", out: "revoked" },
  ADMIN_ADJUST: { in: "added", out: "deducted" },
};
const GRANT = { in: "granted", out: "granted" } as const;

/** Sums types by flow. */
export function flowsOf(sums: readonly TypeSum[]): Flows {
  const flows = { granted: 0, added: 0, spent: 0, expired: 0, revoked: 0, deducted: 0 };
  for (const { type, creditsIn, creditsOut } of sums) {
    const of = FLOWS_OF_TYPES[type] ?? GRANT;
    flows[of.in] += isIncome(of.in) ? creditsIn : -creditsIn;
    flows[of.out] += isIncome(of.out) ? creditsOut : -creditsOut;
  }
  return flows;
}

/** Returns the net change: the sum of the amounts behind the flows. */
export function changeOf(flows: Flows): number {
  return FLOWS.reduce((sum, name) => sum + (isIncome(name) ? flows[name] : -flows[name]), 0);
}

/** A month's flows as four figures, none negative. */
export interface MonthFlows {
  readonly month: string;
  /** All income except refunds of spends. */
  readonly received: number;
  /** Spent, less refunds. */
  readonly used: number;
  readonly expired: number;
  /** Revoked and deducted, less restored. */
  readonly takenBack: number;
}

/**
 * Sums a month's types for a chart without negative values. A month that refunded more than it
 * spent, or restored more than it revoked, counts the excess as received.
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

function isIncome(name: keyof Flows): boolean {
  return name === "granted" || name === "added";
}
