import type { CreditType } from "@/credits/grant-credits";

/**
 * The four ways in which credits come and go, each as a count of credits. What was given back of a
 * use lessens what was spent, what was restored lessens what was taken back; so
 * `granted − spent − expired − takenBack` is by how much the books changed.
 */
export interface Flows {
  readonly granted: number;
  readonly spent: number;
  readonly expired: number;
  readonly takenBack: number;
}

export const NO_FLOWS: Flows = { granted: 0, spent: 0, expired: 0, takenBack: 0 };

/** Where a transaction of a type and sign counts. */
export function flowOf(type: CreditType, amount: number): keyof Flows {
  if (type === "USAGE" || type === "USAGE_REFUND") return "spent";
  if (type === "EXPIRE") return "expired";
  if (type === "REVOKE" || type === "RESTORE") return "takenBack";
  return amount > 0 ? "granted" : "takenBack";
}

/** Adds an amount, signed as in the ledger, to the flow it belongs to. */
export function addFlow(flows: Flows, type: CreditType, amount: number): Flows {
  const flow = flowOf(type, amount);
  return { ...flows, [flow]: flows[flow] + (flow === "granted" ? amount : -amount) };
}
