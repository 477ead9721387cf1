import type { Transaction } from "@/db/client";
import { isWanted, type MembershipReason, recordEvents } from "@/webhooks/events";
import { endOf, getMembership, type Subscription } from "../queries";
import { isLive } from "./live-subscriptions";

/**
 * Records a `membership.changed` event for each reason, with the membership as pages show it after the
 * change. The caller has written the change. `key` identifies it: a repetition is the same event. Reads
 * the membership once, and only if an endpoint receives the type.
 */
export async function recordMembershipChange(
  tx: Transaction,
  changed: {
    userId: string;
    item: string;
    reasons: readonly MembershipReason[];
    key: string;
    now: Date;
  },
): Promise<void> {
  const { userId, item, reasons, key, now } = changed;
  if (reasons.length === 0 || !(await isWanted(tx, "membership.changed"))) return;
  const { plan, status, renewsAt, cancelAt, scheduled } = await getMembership(tx, {
    userId,
    at: now,
  });
  const data = {
    user: userId,
    item,
    plan,
    status,
    renews_at: renewsAt?.toISOString() ?? null,
    ends_at: cancelAt?.toISOString() ?? null,
    scheduled: scheduled && { item: scheduled.plan, at: scheduled.at.toISOString() },
  };
  const events = reasons.map((reason) => ({
    type: "membership.changed" as const,
    key: `membership-${reason}:${key}`,
    userId,
    serviceId: null,
    at: now,
    data: { ...data, reason },
  }));
  await recordEvents(tx, events, now);
}

/** The part of a subscription's state that a membership shows. */
export type ShownState = Pick<
  Subscription,
  | "plan"
  | "status"
  | "currentPeriodStartAt"
  | "currentPeriodEndAt"
  | "cancelAt"
  | "cancelAtPeriodEnd"
  | "scheduledItem"
  | "scheduledAt"
>;

/**
 * The changes that payments do not report, between two states of a subscription. None for its beginning,
 * its end and a new period, which `paid`, `trial_started` and `ended` report.
 */
export function changesBetween(before: ShownState, after: ShownState): MembershipReason[] {
  if (before.status.startsWith("incomplete") || !isLive(after.status)) return [];
  const changes: MembershipReason[] = [];
  if (before.status !== after.status) changes.push("status_changed");
  if (before.plan !== after.plan) changes.push("switched");
  if (after.scheduledItem !== null) {
    const isSame =
      before.scheduledItem === after.scheduledItem &&
      isEqual(before.scheduledAt, after.scheduledAt);
    if (!isSame) changes.push("switch_scheduled");
  } else if (before.scheduledItem !== null && before.scheduledItem !== after.plan) {
    changes.push("switch_withdrawn");
  }
  const ends = { before: endOf(before), after: endOf(after) };
  if (ends.after !== null) {
    if (!isEqual(ends.before, ends.after)) changes.push("cancellation_scheduled");
  } else if (ends.before !== null) changes.push("cancellation_withdrawn");
  else if (
    isEqual(before.currentPeriodStartAt, after.currentPeriodStartAt) &&
    !isEqual(before.currentPeriodEndAt, after.currentPeriodEndAt)
  ) {
    changes.push("renewal_moved");
  }
  return changes;
}

function isEqual(one: Date | null, other: Date | null): boolean {
  return one?.getTime() === other?.getTime();
}
