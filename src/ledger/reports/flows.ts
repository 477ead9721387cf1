import type { CreditType } from "../grant-credits";

/** What moved under one type: sums of what came in, and of what went out (negative or zero). */
export interface TypeSum {
  readonly type: CreditType;
  readonly creditsIn: number;
  readonly creditsOut: number;
}

/**
 * The ways in which credits come and go, each as a count of credits: the terms of the books,
 * `granted + added = spent + expired + revoked + deducted + what is outstanding more than before`.
 * What was given back of a use lessens what was spent, what was restored lessens what was revoked; so
 * those two fall below zero where more came back than went.
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

/** Where credits of a type count that came in, and where those that went out. */
const FLOWS_OF_TYPES: Partial<Record<CreditType, { in: keyof Flows; out: keyof Flows }>> = {
  USAGE: { in: "spent", out: "spent" },
  USAGE_REFUND: { in: "spent", out: "spent" },
  EXPIRE: { in: "expired", out: "expired" },
  REVOKE: { in: "revoked", out: "revoked" },
  RESTORE: { in: "revoked", out: "revoked" },
  ADMIN_ADJUST: { in: "added", out: "deducted" },
};
const GRANT = { in: "granted", out: "granted" } as const;

/** Sums types up. The one place that says what counts as what. */
export function flowsOf(sums: readonly TypeSum[]): Flows {
  const flows = { granted: 0, added: 0, spent: 0, expired: 0, revoked: 0, deducted: 0 };
  for (const { type, creditsIn, creditsOut } of sums) {
    const of = FLOWS_OF_TYPES[type] ?? GRANT;
    flows[of.in] += isIncome(of.in) ? creditsIn : -creditsIn;
    flows[of.out] += isIncome(of.out) ? creditsOut : -creditsOut;
  }
  return flows;
}

/** By how much the books changed: the sum of the amounts that were summed up. */
export function changeOf(flows: Flows): number {
  return FLOWS.reduce((sum, name) => sum + (isIncome(name) ? flows[name] : -flows[name]), 0);
}

function isIncome(name: keyof Flows): boolean {
  return name === "granted" || name === "added";
}
