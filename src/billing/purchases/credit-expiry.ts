import { addHours, max } from "date-fns";
import { millisecondsInDay } from "date-fns/constants";
import { ALLOTMENT_GRACE_HOURS } from "@/catalog/catalog";
import { monthsAfter } from "@/ledger/schedules";

/** When a pack bought at `now` expires. A day is 24 hours, whatever the server's time zone. */
export function packExpiry(expireDays: number | null, now: Date): Date | null {
  return expireDays === null ? null : new Date(now.getTime() + expireDays * millisecondsInDay);
}

/** When a paid month's allotment expires in the ledger. For the receipt. */
export function monthExpiry({ periodEndsAt, now }: { periodEndsAt: Date; now: Date }): Date {
  return addHours(max([periodEndsAt, now]), ALLOTMENT_GRACE_HOURS);
}

/**
 * When the first allotment of a year or a lifetime expires in the ledger: a grace after the next is
 * due. If it is booked more than a day late, the month counts from the booking.
 */
export function firstAllotmentExpiry({ anchorAt, now }: { anchorAt: Date; now: Date }): Date {
  const isLate = now.getTime() > anchorAt.getTime() + millisecondsInDay;
  return addHours(monthsAfter(isLate ? now : anchorAt, 1), ALLOTMENT_GRACE_HOURS);
}
