import type { Membership } from "@/billing/queries";

/** Identifies what the billing page shows of a membership, so that the page notices a change. */
export function membershipVersion(membership: Membership): string {
  const { plan, status, since, until, renewsAt, cancelAt, terms, upcomingTerms } = membership;
  const upcoming = [terms, upcomingTerms, membership.scheduled, membership.unpaid];
  return JSON.stringify([plan, status, since, until, renewsAt, cancelAt, ...upcoming]);
}
