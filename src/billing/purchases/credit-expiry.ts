import { addHours, max } from "date-fns";
import { ALLOTMENT_GRACE_HOURS } from "@/catalog/catalog";
import { monthsAfter } from "@/ledger/schedules";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** When a pack bought at `now` expires; days of 24 hours, whatever the server's zone does. */
export function packExpiry(expireDays: number | null, now: Date): Date | null {
  return expireDays === null ? null : new Date(now.getTime() + expireDays * DAY_MS);
}

/** When a paid month's allotment expires, as the ledger will book it: for the mail that tells it. */
export function monthExpiry({ periodEndsAt, now }: { periodEndsAt: Date; now: Date }): Date {
  return addHours(max([periodEndsAt, now]), ALLOTMENT_GRACE_HOURS);
}

/**
 * When the first allotment of a year or a lifetime expires, as the ledger will book it: a grace after
 * the next is due; booked more than a day late, a month and the grace from then.
 */
export function firstAllotmentExpiry({ anchorAt, now }: { anchorAt: Date; now: Date }): Date {
  const isLate = now.getTime() > anchorAt.getTime() + 24 * HOUR_MS;
  return addHours(monthsAfter(isLate ? now : anchorAt, 1), ALLOTMENT_GRACE_HOURS);
}
