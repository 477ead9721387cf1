import type { Membership } from "@/billing/queries";
import { findItem } from "@/catalog/items";
import type { Balance } from "@/ledger/reads/balance";

export interface NextMonthlyCredits {
  readonly credits: number;
  readonly dueAt: Date;
  /**
   * How the credits arrive: on a date, with a renewal on a date, with the first payment after a trial that
   * ends on a date, or soon, because the date has passed and the next tick grants them.
   */
  readonly how: "on" | "onRenewal" | "onFirstPayment" | "soon";
}

/**
 * Returns the next monthly credits: the scheduled allotment or the one of the renewal, whichever is
 * due first. A monthly subscription has no schedule because every paid invoice grants its own month.
 */
export function nextMonthlyCredits(
  scheduled: Balance["nextAllotment"],
  membership: Pick<Membership, "plan" | "renewsAt" | "terms" | "upcomingTerms"> &
    Partial<Pick<Membership, "scheduled" | "trial">>,
  { at }: { at: Date },
): NextMonthlyCredits | null {
  const renewal = renewalCredits(membership);
  if (scheduled === null) return renewal;
  if (renewal !== null && renewal.dueAt < scheduled.dueAt) return renewal;
  return { ...scheduled, how: scheduled.dueAt <= at ? "soon" : "on" };
}

function renewalCredits({
  plan,
  renewsAt,
  terms,
  upcomingTerms,
  scheduled,
  trial,
}: Parameters<typeof nextMonthlyCredits>[1]): NextMonthlyCredits | null {
  const item = findItem(plan);
  if (trial?.firstCharge && item?.kind === "subscription") {
    const credits = terms?.credits ?? item.creditsPerMonth;
    return { credits, dueAt: trial.endsAt, how: "onFirstPayment" };
  }
  if (renewsAt === null || item?.kind !== "subscription") return null;
  const next = findItem(scheduled?.plan);
  if (next?.kind === "subscription") {
    return { credits: next.creditsPerMonth, dueAt: renewsAt, how: "onRenewal" };
  }
  const changes = upcomingTerms !== null && upcomingTerms.startsAt <= renewsAt;
  const credits = (changes ? upcomingTerms : terms)?.credits ?? item.creditsPerMonth;
  return { credits, dueAt: renewsAt, how: "onRenewal" };
}
