import type { payment } from "@/db/schema";
import type { SchedulePlan } from "@/ledger/reverse";
import { FOR_EVER } from "../subscriptions/membership-time";
import { isFullyReversed, type Reversal } from "./reversal";

/** What a purchase promises as long as it stands. */
export interface Promised {
  /** To when it was paid; null if nobody can tell any more (its price left the catalogue). */
  readonly until: Date | null;
  /** When something other than refunds and disputes ended it; null if nothing did. */
  readonly endedAt: Date | null;
}

/**
 * A full refund and a lost dispute end the purchase's schedule, an open dispute suspends it, one that
 * was won lets it go on, and so does a full refund that failed. It is ended as of its beginning: what
 * fell due while a run was late is not granted either, as it was not counted in what was taken back.
 * Null where there is no schedule to change.
 */
export function planSchedule(
  { memberFromAt: from, amountCents }: typeof payment.$inferSelect,
  {
    reversals,
    promised: { until, endedAt },
  }: { reversals: readonly Reversal[]; promised: Promised },
): SchedulePlan | null {
  if (from === null || reversals.length === 0) return null;
  const disputes = reversals.filter(({ kind }) => kind === "dispute");
  const isLost = disputes.some(({ state }) => state === "standing");
  if (isLost || isFullyReversed(amountCents, reversals)) return { over: true, from };
  const isOpen = disputes.some(({ state }) => state === "open");
  return {
    over: false,
    from,
    reopens: until !== null,
    until: until === null || until >= FOR_EVER ? null : until,
    endsAt: until !== null && endedAt !== null && endedAt < until ? endedAt : null,
    dispute: isOpen ? "open" : disputes.length > 0 ? "settled" : "none",
  };
}
