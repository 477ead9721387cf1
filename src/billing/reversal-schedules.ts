import {
  endSchedules,
  reopenSchedules,
  resumeSchedules,
  suspendSchedules,
} from "@/credits/schedule";
import type { payment } from "@/db/schema";
import type { CreditWrite } from "./effect";
import { FOR_EVER } from "./membership-time";
import { isUndoneWhole, type Reversal } from "./reversal";

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
 */
export function reversalSchedules(
  paid: typeof payment.$inferSelect,
  { reversals, promised, now }: { reversals: readonly Reversal[]; promised: Promised; now: Date },
): CreditWrite[] {
  const { memberFromAt } = paid;
  if (memberFromAt === null || reversals.length === 0) return [];
  const of = { userId: paid.userId, source: paid.id };
  const disputes = reversals.filter(({ kind }) => kind === "dispute");
  const isLost = disputes.some(({ state }) => state === "standing");
  if (isLost || isUndoneWhole(paid.amountCents, reversals)) {
    return [(tx) => endSchedules(tx, { ...of, endsAt: memberFromAt })];
  }
  const steps = reopening({ ...of, fromAt: memberFromAt }, promised);
  const isHeldBack = disputes.some(({ state }) => state === "open");
  if (isHeldBack) steps.push((tx) => suspendSchedules(tx, { ...of, now }));
  else if (disputes.length > 0) steps.push((tx) => resumeSchedules(tx, of));
  return steps;
}

/** Lets a schedule go on that a reversal had ended, up to where it ends by itself or was ended since. */
function reopening(
  of: { userId: string; source: string; fromAt: Date },
  { until, endedAt }: Promised,
): CreditWrite[] {
  if (until === null) return [];
  const endsAt = until >= FOR_EVER ? null : until;
  const reopen: CreditWrite = (tx) => reopenSchedules(tx, { ...of, endsAt });
  if (endedAt === null || endedAt >= until) return [reopen];
  return [reopen, (tx) => endSchedules(tx, { ...of, endsAt: endedAt })];
}
