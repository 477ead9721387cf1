import type { PaymentReversal } from "@/db/schema";

/** A reversal counts as whole from this percentage of what was paid. The refund page states it. */
export const WHOLE_PERCENT = 95;

const STATES = ["harmless", "open", "standing", "undone"] as const;

/** What was paid for a purchase by all means: charged, or taken from the customer balance. */
export interface Paid {
  readonly cents: number;
  readonly currency: string;
}

/** A reversal with its amount in the currency of the purchase. */
export interface ReversedPart {
  readonly key: string;
  readonly kind: PaymentReversal["kind"];
  readonly state: PaymentReversal["state"];
  readonly cents: number;
}

/**
 * Merges known reversals with fetched ones. Reversals are only ever added and their states only move
 * forward, so the result is the same in whatever order the fetches arrive, without any clock.
 */
export function mergeReversals(
  known: readonly PaymentReversal[],
  fetched: readonly PaymentReversal[],
): PaymentReversal[] {
  const merged = new Map(known.map((each) => [each.key, each]));
  for (const each of fetched) {
    const before = merged.get(each.key);
    const isOlder =
      before !== undefined && STATES.indexOf(before.state) > STATES.indexOf(each.state);
    if (!isOlder) merged.set(each.key, each);
  }
  return [...merged.values()];
}

/**
 * Expresses reversals in the currency of the purchase. A dispute in another currency counts as the
 * whole purchase, because exchange rates move its amount; an admin can correct it by an adjustment.
 * @throws if a refund has another currency than the purchase, which Stripe rules out
 */
export function inPaidCurrency(
  reversals: readonly PaymentReversal[],
  paid: Paid,
): readonly ReversedPart[] {
  return reversals.map(({ key, kind, state, amount, currency }) => {
    if (currency === paid.currency) return { key, kind, state, cents: amount };
    if (kind === "dispute") return { key, kind, state, cents: paid.cents };
    throw new Error(`${key} is in ${currency}, its purchase in ${paid.currency}.`);
  });
}

/** Whether the payer has the money, or a dispute holds it back. */
export function isTaken({ state }: Pick<PaymentReversal, "state">): boolean {
  return state === "standing" || state === "open";
}

/** Counts an undone reversal as standing, for a purchase that another one has replaced. */
export function asStanding(part: ReversedPart): ReversedPart {
  return part.state === "undone" ? { ...part, state: "standing" } : part;
}

/** Whether the payer got (nearly) everything back, by refunds or lost disputes. */
export function isWhole(parts: readonly ReversedPart[], paid: Paid): boolean {
  return reachesWhole(sumCents(parts.filter(({ state }) => state === "standing")), paid);
}

/**
 * Rounds up the reversal that reaches a whole one to the rest of what was paid, so that the credits
 * follow the same rule as the membership.
 */
export function roundUpToWhole(parts: readonly ReversedPart[], paid: Paid): ReversedPart[] {
  let cents = 0;
  return parts.map((part) => {
    const before = cents;
    cents += part.cents;
    return reachesWhole(cents, paid)
      ? { ...part, cents: Math.max(part.cents, paid.cents - before) }
      : part;
  });
}

export function sumCents(parts: readonly ReversedPart[]): number {
  return parts.reduce((sum, { cents }) => sum + cents, 0);
}

function reachesWhole(cents: number, paid: Paid): boolean {
  return paid.cents > 0 && cents * 100 >= paid.cents * WHOLE_PERCENT;
}
