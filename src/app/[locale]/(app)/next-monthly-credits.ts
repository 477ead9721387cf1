import type { Membership } from "@/billing/queries";
import { PLANS } from "@/catalog/catalog";
import type { Balance } from "@/ledger/reads/balance";

export interface NextMonthlyCredits {
  readonly credits: number;
  readonly dueAt: Date;
  /** They come with a payment that is yet to be made, and not without it. */
  readonly onRenewal: boolean;
}

/**
 * The monthly credits that come next. Pro monthly has no schedule, as each payment brings its month,
 * so its renewal is what is due; likewise the renewal of a year whose allotments are all there.
 */
export function nextMonthlyCredits(
  scheduled: Balance["nextAllotment"],
  { plan, renewsAt }: Pick<Membership, "plan" | "renewsAt">,
): NextMonthlyCredits | null {
  const renewal =
    renewsAt !== null && (plan === "pro-monthly" || plan === "pro-yearly")
      ? { credits: PLANS[plan].creditsPerMonth, dueAt: renewsAt, onRenewal: true }
      : null;
  if (scheduled === null) return renewal;
  if (renewal !== null && renewal.dueAt < scheduled.dueAt) return renewal;
  return { ...scheduled, onRenewal: false };
}
