import { ITEMS, type SubscriptionItem } from "@/catalog/items";
import type { Database } from "@/db/client";
import { readSnapshot } from "@/db/repeatable-read";
import {
  getMembership,
  listSubscriptions,
  liveOf,
  type Membership,
  type Subscription,
} from "../queries";
import { OUR_COMMENT } from "../subscriptions/live-subscriptions";

/** What a user can do with the subscription on the billing page. */
export interface PlanActions {
  /** What it can be switched to, in the catalogue's order. */
  readonly switches: readonly SubscriptionItem[];
  /** Until when the plan runs if it is cancelled now; null if it cannot be cancelled. */
  readonly cancelEndsAt: Date | null;
  /** What *Resume* undoes: an end that is set, or a scheduled switch; null for nothing. */
  readonly resumes: "end" | "switch" | null;
  readonly canChangeCard: boolean;
}

const NONE: PlanActions = {
  switches: [],
  cancelEndsAt: null,
  resumes: null,
  canChangeCard: false,
};

/**
 * A user's membership and what they can do with its subscription, on one snapshot: the actions never
 * belong to another plan than the one that is shown, even while a sync commits a switch.
 */
export async function readPlan(
  db: Database,
  { userId, at }: { userId: string; at: Date },
): Promise<{ membership: Membership; actions: PlanActions; hasSubscribed: boolean }> {
  const [membership, subscriptions] = await readSnapshot(db, (tx) =>
    Promise.all([getMembership(tx, { userId, at }), listSubscriptions(tx, { userId })]),
  );
  const actions = planActionsOf(subscriptions, membership);
  return { membership, actions, hasSubscribed: subscriptions.length > 0 };
}

/**
 * What the state of a user's subscription allows. A switch needs a paid period or a trial, because its
 * credits depend on that payment. An end that we set (for a lifetime or an open dispute) stays.
 */
function planActionsOf(
  subscriptions: readonly Subscription[],
  membership: Pick<Membership, "kind" | "unpaid" | "cancelAt" | "scheduled">,
): PlanActions {
  const live = liveOf(subscriptions);
  if (live === null || live.status === "incomplete") return NONE;
  const { status, plan, currency, currentPeriodEndAt, cancellationComment } = live;
  const { kind, unpaid, cancelAt, scheduled } = membership;
  const isRunning = status === "active" || status === "trialing";
  const isOurs = kind === "lifetime" || (cancellationComment?.startsWith(OUR_COMMENT) ?? false);
  const isFixed = cancelAt !== null || kind === "lifetime" || unpaid?.reason === "reversal";
  const canSwitch = isRunning && !isFixed && scheduled === null && unpaid === null;
  const canCancel = !isFixed && (isRunning || status === "past_due");
  return {
    switches: canSwitch && plan !== null ? listSwitches({ plan, currency }) : [],
    cancelEndsAt: canCancel ? currentPeriodEndAt : null,
    resumes:
      isOurs || !(isRunning || status === "past_due")
        ? null
        : cancelAt !== null
          ? "end"
          : scheduled !== null
            ? "switch"
            : null,
    canChangeCard: true,
  };
}

/** The other subscriptions of the catalogue that are sold in the subscription's currency. */
function listSwitches({
  plan,
  currency,
}: {
  plan: string;
  currency: string | null;
}): SubscriptionItem[] {
  return ITEMS.flatMap((item) =>
    item.kind === "subscription" &&
    item.id !== plan &&
    (currency === null || currency in item.amounts)
      ? [item]
      : [],
  );
}
