import type { Membership } from "@/billing/queries";
import { findItem } from "@/catalog/items";
import type { Balance } from "@/ledger/reads/balance";

export interface NextMonthlyCredits {
  readonly credits: number;
  readonly dueAt: Date;
  /** The credits depend on the payment of the renewal. */
  readonly onRenewal: boolean;
}

/**
 * Returns the next monthly credits: the scheduled allotment or the one of the renewal, whichever is
 * due first. A monthly subscription has no schedule because every paid invoice grants its own month.
 */
export function nextMonthlyCredits(
  scheduled: Balance["nextAllotment"],
  membership: Pick<Membership, "plan" | "renewsAt" | "terms" | "upcomingTerms"> &
    Partial<Pick<Membership, "scheduled">>,
): NextMonthlyCredits | null {
  const renewal = renewalCredits(membership);
  if (scheduled === null) return renewal;
  if (renewal !== null && renewal.dueAt < scheduled.dueAt) return renewal;
  return { ...scheduled, onRenewal: false };
}

function renewalCredits({
  plan,
  renewsAt,
  terms,
  upcomingTerms,
  scheduled,
}: Parameters<typeof nextMonthlyCredits>[1]): NextMonthlyCredits | null {
  const item = findItem(plan);
  if (renewsAt === null || item?.kind !== "subscription") return null;
  const next = findItem(scheduled?.plan);
  if (next?.kind === "subscription") {
    return { credits: next.creditsPerMonth, dueAt: renewsAt, onRenewal: true };
  }
  const changes = upcomingTerms !== null && upcomingTerms.startsAt <= renewsAt;
  const credits = (changes ? upcomingTerms : terms)?.credits ?? item.creditsPerMonth;
  return { credits, dueAt: renewsAt, onRenewal: true };
}
