/*
 * What a customer must have, computed from the facts at Stripe alone. The rules are those of the
 * READMEs of billing and of the ledger, written independently of src.
 */

export interface Reversal {
  readonly id: string;
  readonly kind: "refund" | "dispute";
  readonly cents: number;
  readonly currency: string;
  /** Whether the payer keeps the money: a refund that did not fail, a lost dispute. */
  readonly isStanding: boolean;
  readonly isOpen: boolean;
  /** Whether our application requested the refund. */
  readonly isOurs: boolean;
  readonly at: number;
  /** When a refund failed after its purchase was replaced. Null for others. */
  readonly failedAt: number | null;
}

/** A paid session or a paid invoice. Instants are epoch milliseconds. */
export interface Purchase {
  readonly id: string;
  readonly item: "pack" | "month" | "year" | "lifetime";
  /** Of the pack, or of each month. */
  readonly credits: number;
  /** An upgrade buys the rest of a period at a higher tier. A switch starts a new period. */
  readonly reason: "once" | "first" | "renewal" | "switch" | "upgrade";
  /** The monthly credits before an upgrade. */
  readonly fromCredits: number;
  readonly paidAt: number;
  /** By all means: charged, or taken from the customer balance. */
  readonly paidCents: number;
  readonly chargedCents: number;
  readonly currency: string;
  readonly subscriptionId: string | null;
  readonly invoiceId: string | null;
  readonly startsAt: number;
  /** Null for a pack, Infinity for a lifetime. */
  readonly endsAt: number | null;
  readonly paymentIntents: readonly string[];
  readonly reversals: readonly Reversal[];
  readonly returnedToBalanceCents: number;
}

export interface Subscription {
  readonly id: string;
  readonly createdAt: number;
  readonly endedAt: number | null;
  readonly status: string;
  readonly isRenewing: boolean;
  /** Our note on why it ended; contains the id of the payment that was reversed in full. */
  readonly endComment: string;
  /** Of its price. */
  readonly creditsPerMonth: number;
  readonly trial: { readonly id: string; readonly credits: number } | null;
  /** Invoices that can still be charged or paid. */
  readonly openInvoices: readonly string[];
}

export interface StripeFacts {
  readonly at: number;
  readonly deletedAt: number | null;
  readonly purchases: readonly Purchase[];
  readonly subscriptions: readonly Subscription[];
}

export interface Expected {
  /** End of the paid time; null without a membership, Infinity for a lifetime. */
  readonly memberUntil: number | null;
  /** By purchase or trial. */
  readonly purchases: Readonly<Record<string, ExpectedPurchase>>;
  /** What is wrong at Stripe: calls that our application must have made. */
  readonly faults: readonly string[];
}

export interface ExpectedPurchase {
  /** Granted until now, less what was revoked. */
  readonly credits: number;
  /** The next allotment, or null. */
  readonly next: { readonly dueAt: number; readonly credits: number } | null;
  /** What we owe the payer of a refused purchase that Stripe does not let us refund. */
  readonly owedCents: number;
}

const WHOLE_SHARE = 0.95;

/** What a customer must have at `facts.at`, once every event has arrived and every job has run. */
export function expectedOf(facts: StripeFacts): Expected {
  const granted = facts.purchases.map((purchase) => ({
    purchase,
    period: periodOf(purchase, facts),
  }));
  const trials = facts.subscriptions.flatMap(({ trial }) =>
    trial === null
      ? []
      : [[trial.id, { credits: trial.credits, next: null, owedCents: 0 }] as const],
  );
  const purchases = Object.fromEntries([
    ...trials,
    ...granted.map(({ purchase, period }) => {
      const owedCents = owedOf(purchase, facts);
      return [purchase.id, { ...creditsOf(purchase, period, facts), owedCents }] as const;
    }),
  ]);
  const memberships = granted.flatMap(({ period }) =>
    period !== null && period.startsAt <= facts.at && period.endsAt > facts.at
      ? [period.endsAt]
      : [],
  );
  return {
    memberUntil: memberships.length === 0 ? null : Math.max(...memberships),
    purchases,
    faults: faultsOf(facts),
  };
}

interface Period {
  readonly startsAt: number;
  /** When something ends it: its own end, the subscription's, or a switch of plans. */
  readonly endsAt: number;
}

/** The paid time that a purchase grants; null for a pack, a refused or a reversed purchase. */
function periodOf(purchase: Purchase, facts: StripeFacts): Period | null {
  if (purchase.endsAt === null || isVoid(purchase, facts)) return null;
  return paidPeriodOf(purchase, facts);
}

/** The paid time that a purchase grants unless it is refused, reversed or replaced. */
function paidPeriodOf(purchase: Purchase, facts: StripeFacts): Period {
  const billed = billedPeriodOf(purchase, facts);
  const ends = [billed.endsAt, ...(facts.deletedAt === null ? [] : [facts.deletedAt])];
  const subscription = subscriptionOf(purchase, facts);
  const end = subscription?.endedAt ?? null;
  if (end !== null && purchase.paidAt <= end && !subscription?.endComment.includes(purchase.id)) {
    ends.push(end);
  }
  for (const other of facts.purchases) {
    const isSwitch = other.reason === "switch" && other.subscriptionId === purchase.subscriptionId;
    if (isSwitch && other.id !== purchase.id && other.startsAt >= billed.startsAt) {
      ends.push(other.startsAt);
    }
  }
  return { startsAt: billed.startsAt, endsAt: Math.min(...ends) };
}

/** The billed period. If it was paid after the subscription's end, it runs from the payment. */
function billedPeriodOf(purchase: Purchase, facts: StripeFacts): Period {
  const { startsAt, endsAt, paidAt, item } = purchase;
  if (!isPaidAfterEnd(purchase, facts)) return { startsAt, endsAt: endsAt ?? startsAt };
  return { startsAt: paidAt, endsAt: addMonths(paidAt, item === "year" ? 12 : 1) };
}

function creditsOf(
  purchase: Purchase,
  period: Period | null,
  facts: StripeFacts,
): Omit<ExpectedPurchase, "owedCents"> {
  if (isVoid(purchase, facts)) return { credits: 0, next: null };
  const kept = allotmentsOf(purchase, period, facts).map(({ dueAt, credits }) => ({
    dueAt,
    credits: keptOf(purchase, credits),
  }));
  const due = kept.filter(({ dueAt }) => dueAt <= facts.at);
  return {
    credits: due.reduce((sum, { credits }) => sum + credits, 0),
    next: kept.find(({ dueAt }) => dueAt > facts.at) ?? null,
  };
}

interface Allotment {
  readonly dueAt: number;
  readonly credits: number;
}

/** What a purchase grants unless it is reversed, until after now, in order. */
function allotmentsOf(purchase: Purchase, period: Period | null, facts: StripeFacts): Allotment[] {
  const { startsAt, credits, fromCredits } = purchase;
  if (period === null) return [{ dueAt: startsAt, credits }];
  const rest = { dueAt: startsAt, credits: restOfMonthOf(purchase, facts) };
  const monthly = duesOf(purchase, period, facts).map((dueAt, n) => {
    const share = n === 0 ? shareBeforeSwitch(purchase, facts) : 1;
    return { dueAt, credits: Math.round((credits - fromCredits) * share) };
  });
  return [rest, ...monthly];
}

/** When the allotments of a purchase are due, until after now. */
function duesOf(purchase: Purchase, period: Period, facts: StripeFacts): number[] {
  let anchor = billedPeriodOf(purchase, facts).startsAt;
  if (purchase.reason === "switch") {
    const running = runningMonth(purchase, facts);
    if (running === null && purchase.paidCents < 0) return [];
    if (running !== null && purchase.item === "month") return [];
    anchor = running?.endsAt ?? anchor;
  }
  if (purchase.reason === "upgrade") {
    if (purchase.item === "month") return [];
    anchor = runningMonth(purchase, facts)?.endsAt ?? anchor;
  }
  if (purchase.item === "month") return [anchor];
  const isYear = purchase.item === "year";
  const dues: number[] = [];
  const base = anchorOf(purchase, facts);
  for (let n = 0; n < (isYear ? 12 : Number.POSITIVE_INFINITY); n += 1) {
    const due = addMonths(base, n);
    if (due < anchor) continue;
    // The first allotment comes with the payment, even if the subscription has ended since.
    const isFirst = n === 0 && purchase.reason !== "upgrade" && purchase.startsAt === base;
    if (!isFirst && due >= period.endsAt) break;
    dues.push(due);
    if (due > facts.at) break;
  }
  return dues;
}

/** The instant from which the months of a purchase count. */
function anchorOf(purchase: Purchase, facts: StripeFacts): number {
  if (purchase.reason === "upgrade") {
    const base = basisOf(purchase, facts);
    return base === null ? purchase.startsAt : anchorOf(base, facts);
  }
  const { startsAt } = billedPeriodOf(purchase, facts);
  return purchase.reason === "switch"
    ? (runningMonth(purchase, facts)?.endsAt ?? startsAt)
    : startsAt;
}

/** The purchase of the period that an upgrade falls in. */
function basisOf(upgrade: Purchase, facts: StripeFacts): Purchase | null {
  return (
    facts.purchases.findLast(
      (one) =>
        one.subscriptionId === upgrade.subscriptionId &&
        one.reason !== "upgrade" &&
        one.startsAt <= upgrade.startsAt &&
        (one.endsAt ?? 0) >= upgrade.startsAt,
    ) ?? null
  );
}

interface Month {
  readonly startsAt: number;
  readonly endsAt: number;
}

/**
 * The allotment month that runs when a subscription switches: of the period that an upgrade falls in, or of
 * what was paid before a new period; null if none does.
 */
function runningMonth(switched: Purchase, facts: StripeFacts): Month | null {
  const earlier = facts.purchases.filter((one) => isBefore(one, switched, facts));
  const periods = earlier.filter(({ reason }) => reason !== "upgrade");
  const at = switched.startsAt;
  const monthsOfAll = (purchases: readonly Purchase[]) =>
    purchases.flatMap((one) => monthsOf(one, { at, facts }));
  if (switched.reason !== "upgrade") {
    const ofUpgrades = earlier
      .filter((one) => one.reason === "upgrade" && !isWhole(one, at))
      .filter((one) => restOfMonthOf(one, facts) > 0)
      .flatMap((one) => runningMonth(one, facts) ?? []);
    return latest([...monthsOfAll(periods), ...ofUpgrades], at);
  }
  const base = basisOf(switched, facts);
  const month = base === null ? null : latest(monthsOfAll([base]), at);
  if (month !== null || base === null) return month;
  // A monthly period is a month even if it granted nothing, because what it replaced was running or unpaid.
  if (base.item === "month")
    return { startsAt: base.startsAt, endsAt: base.endsAt ?? base.startsAt };
  // The months of a year start when the month before it ends. What was paid by now counts.
  return latest(monthsOfAll(periods), at);
}

/** Of the months that run at an instant, the one that ends last. */
function latest(months: readonly Month[], at: number): Month | null {
  return (
    months
      .filter(({ startsAt, endsAt }) => startsAt <= at && endsAt > at)
      .sort((a, b) => a.endsAt - b.endsAt || a.startsAt - b.startsAt)
      .at(-1) ?? null
  );
}

/** Whether a purchase of the same subscription was paid before another one. */
function isBefore(one: Purchase, other: Purchase, { purchases }: StripeFacts): boolean {
  if (one.subscriptionId !== other.subscriptionId || one.id === other.id) return false;
  return (
    one.paidAt < other.paidAt ||
    (one.paidAt === other.paidAt && indexOf(one, purchases) < indexOf(other, purchases))
  );
}

function indexOf({ id }: Purchase, purchases: readonly Purchase[]): number {
  return purchases.findIndex((one) => one.id === id);
}

/** The months of a purchase's allotments that have begun by an instant. */
function monthsOf(purchase: Purchase, { at, facts }: { at: number; facts: StripeFacts }): Month[] {
  if (isRefused(purchase, facts) || isWhole(purchase, at)) return [];
  // Only what ends the period before the switch counts.
  const period = periodOf({ ...purchase, reversals: [] }, facts);
  if (period === null) return [];
  return duesOf(purchase, period, { ...facts, at })
    .filter((due) => due <= at)
    .map((startsAt) => ({
      startsAt,
      endsAt:
        purchase.item === "month"
          ? billedPeriodOf(purchase, facts).endsAt
          : nextMonth(startsAt, anchorOf(purchase, facts)),
    }));
}

/** The month after `due`, of those that count from an anchor. */
function nextMonth(due: number, anchor: number): number {
  for (let n = 1; ; n += 1) if (addMonths(anchor, n) > due) return addMonths(anchor, n);
}

/**
 * What a switch to a higher tier grants for the rest of the running month: the difference to the highest
 * plan that the month has had. If months overlap, each of them limits it.
 */
function restOfMonthOf(purchase: Purchase, facts: StripeFacts): number {
  const { reason, startsAt: at, paidCents } = purchase;
  if ((reason !== "switch" && reason !== "upgrade") || paidCents < 0) return 0;
  const month = runningMonth(purchase, facts);
  if (month === null) return 0;
  const overlapping = facts.purchases
    .filter((one) => one.reason !== "upgrade" && isBefore(one, purchase, facts))
    .flatMap((one) => monthsOf(one, { at, facts }))
    .filter(({ startsAt, endsAt }) => startsAt <= at && endsAt > at);
  const rests = [month, ...overlapping].map((one) => differenceIn(one, purchase, facts));
  return Math.max(0, Math.min(...rests));
}

function differenceIn(month: Month, purchase: Purchase, facts: StripeFacts): number {
  const { startsAt: at, credits, fromCredits } = purchase;
  const earlier = facts.purchases.filter(
    (one) =>
      isBefore(one, purchase, facts) &&
      one.startsAt <= at &&
      !isRefused(one, facts) &&
      !isWhole(one, at) &&
      paidPeriodOf(one, facts).endsAt > month.startsAt,
  );
  const highest = Math.max(fromCredits, ...earlier.map((one) => one.credits));
  const share = (month.endsAt - at) / (month.endsAt - month.startsAt);
  return Math.round((credits - highest) * Math.min(1, share));
}

/**
 * Of a period that was paid after a switch had left it, the first month keeps the share before the switch
 * if the switch granted its own allotment.
 */
function shareBeforeSwitch(purchase: Purchase, facts: StripeFacts): number {
  const { startsAt, endsAt, paidAt, reason } = purchase;
  if (reason !== "first" && reason !== "renewal") return 1;
  const left = facts.purchases.find(
    (one) =>
      one.reason === "switch" &&
      one.subscriptionId === purchase.subscriptionId &&
      one.paidAt < paidAt &&
      one.startsAt >= startsAt &&
      one.startsAt < (endsAt ?? 0),
  );
  if (left === undefined || left.paidCents < 0) return 1;
  return Math.min(1, (left.startsAt - startsAt) / (addMonths(startsAt, 1) - startsAt));
}

/** Whether the payer has (nearly) everything back: at least 95%, or a dispute in another currency. */
function isWhole(purchase: Purchase, at = Number.POSITIVE_INFINITY): boolean {
  return purchase.paidCents > 0 && reversedShare(purchase, at) >= WHOLE_SHARE;
}

function reversedShare({ reversals, paidCents, currency }: Purchase, at: number): number {
  const standing = reversals.filter(
    (one) => one.at <= at && (one.isStanding || (one.failedAt !== null && one.failedAt > at)),
  );
  if (standing.some((one) => one.currency !== currency)) return 1;
  return Math.min(1, standing.reduce((sum, { cents }) => sum + cents, 0) / paidCents);
}

/** What an allotment of a purchase keeps. */
function keptOf(purchase: Purchase, credits: number): number {
  if (purchase.paidCents <= 0) return credits;
  const standing = purchase.reversals.filter(({ isStanding }) => isStanding);
  const cents = standing.reduce((sum, one) => sum + one.cents, 0);
  return Math.round((credits * (purchase.paidCents - cents)) / purchase.paidCents);
}

/**
 * Whether a purchase must grant nothing: it was made for a deleted account, it is the second of an
 * item that may be held once, or it was paid after its subscription's end by a customer with another plan.
 */
export function isRefused(purchase: Purchase, facts: StripeFacts): boolean {
  if (facts.deletedAt !== null && purchase.paidAt > facts.deletedAt) return true;
  if (purchase.item === "pack") return false;
  return otherPlanOf(purchase, facts) !== null;
}

/**
 * Whether a whole refund of a purchase failed, before an instant, while its owner held a replacement that
 * was paid before the purchase would have ended. A lifetime and a subscription replace each other only
 * if bought after the refund.
 */
function isReplaced(
  purchase: Purchase,
  facts: StripeFacts,
  before = Number.POSITIVE_INFINITY,
): boolean {
  return purchase.reversals.some(({ failedAt }) => {
    if (failedAt === null || failedAt >= before || purchase.endsAt === null) return false;
    if (!isWhole(purchase, failedAt - 1) || isWhole(purchase, failedAt)) return false;
    const { endsAt } = paidPeriodOf(purchase, facts);
    const reversedAt = Math.max(
      ...purchase.reversals
        .filter((one) => one.at < failedAt && (one.isStanding || (one.failedAt ?? 0) >= failedAt))
        .map(({ at }) => at),
    );
    return facts.purchases.some((other) => {
      const { startsAt } = billedPeriodOf(other, facts);
      const isSameKind = (other.item === "lifetime") === (purchase.item === "lifetime");
      return (
        startsAt < endsAt &&
        (isSameKind || startsAt >= reversedAt) &&
        isHeldBeside(other, { purchase, at: failedAt, facts })
      );
    });
  });
}

/** Whether the owner of a purchase held another one at an instant: a lifetime or another subscription's. */
function isHeldBeside(
  other: Purchase,
  { purchase, at, facts }: { purchase: Purchase; at: number; facts: StripeFacts },
): boolean {
  if (other.item === "pack" || other.id === purchase.id || other.paidAt > at) return false;
  if (isWhole(other, at) || isReplaced(other, facts, at)) return false;
  if (other.item === "lifetime") return !isReturnedByUs(other);
  const subscription = subscriptionOf(other, facts);
  if (subscription === null || other.subscriptionId === purchase.subscriptionId) return false;
  if (isRefused(other, facts)) return false;
  const isLive = subscription.endedAt === null || subscription.endedAt > at;
  return isLive || paidPeriodOf(other, facts).endsAt > at;
}

/** Whether a purchase grants nothing any more. */
function isVoid(purchase: Purchase, facts: StripeFacts): boolean {
  return isRefused(purchase, facts) || isWhole(purchase) || isReplaced(purchase, facts);
}

/** The plan that was valid when a purchase was made and excludes it. */
function otherPlanOf(purchase: Purchase, facts: StripeFacts): string | null {
  const { paidAt } = purchase;
  if (purchase.item === "lifetime") return rivalOf(purchase, facts)?.id ?? null;
  const subscription = subscriptionOf(purchase, facts);
  if (subscription === null) return null;
  if (isPaidAfterEnd(purchase, facts)) {
    const other = facts.purchases.find(
      (one) => one.paidAt < paidAt && isHeldBeside(one, { purchase, at: paidAt, facts }),
    );
    return other?.id ?? siblingAt(subscription, paidAt, facts)?.id ?? null;
  }
  const sibling = siblingAt(subscription, subscription.createdAt, facts);
  return sibling?.id ?? null;
}

/**
 * Of several lifetimes, the one that is fulfilled first is valid. Stripe's facts don't show which one that
 * was, but the others carry our refund.
 */
function rivalOf(purchase: Purchase, facts: StripeFacts): Purchase | null {
  const at = facts.purchases.indexOf(purchase);
  const rivals = facts.purchases.filter(
    (other, index) =>
      other.item === "lifetime" &&
      other.id !== purchase.id &&
      !isReturnedByUs(other) &&
      !isReplaced(other, facts) &&
      !isWhole(other, purchase.paidAt) &&
      (isReturnedByUs(purchase) || index < at),
  );
  return rivals[0] ?? null;
}

function isReturnedByUs({ reversals }: Purchase): boolean {
  return reversals.some(({ isOurs }) => isOurs);
}

/** An older subscription that was live at an instant. */
function siblingAt(
  subscription: Subscription,
  at: number,
  facts: StripeFacts,
): Subscription | null {
  const isOlder = (other: Subscription) =>
    other.createdAt < subscription.createdAt || at > subscription.createdAt;
  const isLive = (other: Subscription) =>
    other.createdAt <= at && (other.endedAt === null || other.endedAt > at);
  const siblings = facts.subscriptions.filter(({ id }) => id !== subscription.id);
  return siblings.find((other) => isOlder(other) && isLive(other)) ?? null;
}

function isPaidAfterEnd(purchase: Purchase, facts: StripeFacts): boolean {
  const endedAt = subscriptionOf(purchase, facts)?.endedAt ?? null;
  return endedAt !== null && purchase.paidAt > endedAt;
}

function subscriptionOf({ subscriptionId }: Purchase, facts: StripeFacts): Subscription | null {
  return facts.subscriptions.find(({ id }) => id === subscriptionId) ?? null;
}

/** What our application must have done at Stripe and has not. */
function faultsOf(facts: StripeFacts): string[] {
  const live = facts.subscriptions.filter(({ endedAt }) => endedAt === null);
  const faults: string[] = [];
  if (facts.deletedAt !== null) {
    for (const { id } of live) faults.push(`${id} of a deleted account is live`);
  }
  if (live.length > 1) faults.push(`${live.length} subscriptions are live`);
  for (const { id, endedAt, openInvoices } of facts.subscriptions) {
    if (endedAt !== null && openInvoices.length > 0) faults.push(`${id} ended with open invoices`);
  }
  for (const purchase of facts.purchases) {
    faults.push(...returnFaultsOf(purchase, facts));
    faults.push(...liveFaultsOf(purchase, facts));
  }
  return faults;
}

/** Whether the money of a refused purchase came back, and that of others did not. */
function returnFaultsOf(purchase: Purchase, facts: StripeFacts): string[] {
  const { id, reversals, returnedToBalanceCents } = purchase;
  const isBack = isRefused(purchase, facts);
  if (!isBack && isReplaced(purchase, facts)) return [];
  if (!isBack) {
    const isReturned = returnedToBalanceCents > 0 || isReturnedByUs(purchase);
    return isReturned ? [`${id} stands, but we returned its payment`] : [];
  }
  // A negative invoice credits the balance; nothing was paid that could come back.
  const paid = Math.max(0, purchase.paidCents);
  const returned = refundedCentsOf(purchase) + returnedToBalanceCents;
  // Stripe refuses to refund a charge whose dispute is open or lost.
  const isHeld = reversals.some((one) => one.kind === "dispute" && (one.isOpen || one.isStanding));
  const expected = isHeld ? refundedCentsOf(purchase) + balanceCentsOf(purchase) : paid;
  return returned === expected ? [] : [`${id} is refused, but ${returned} of ${expected} returned`];
}

/** What we owe for a purchase whose refund failed or is refused by Stripe after a lost dispute. */
function owedOf(purchase: Purchase, facts: StripeFacts): number {
  const lost = purchase.reversals.filter((one) => one.kind === "dispute" && one.isStanding);
  const isOwed = isReplaced(purchase, facts) || (lost.length > 0 && isRefused(purchase, facts));
  if (!isOwed || lost.some(({ currency }) => currency !== purchase.currency)) return 0;
  const lostCents = lost.reduce((sum, { cents }) => sum + cents, 0);
  const returned = refundedCentsOf(purchase) + purchase.returnedToBalanceCents + lostCents;
  return Math.max(0, purchase.paidCents - returned);
}

function balanceCentsOf({ paidCents, chargedCents }: Purchase): number {
  return Math.max(0, paidCents) - Math.max(0, chargedCents);
}

function refundedCentsOf({ reversals }: Purchase): number {
  return reversals
    .filter(({ kind, isStanding }) => kind === "refund" && isStanding)
    .reduce((sum, { cents }) => sum + cents, 0);
}

/** Faults of the live subscription that a purchase must have ended or set to end. */
function liveFaultsOf(purchase: Purchase, facts: StripeFacts): string[] {
  const faults: string[] = [];
  const subscription = subscriptionOf(purchase, facts);
  const later = facts.purchases.filter(
    (other) =>
      other.subscriptionId === purchase.subscriptionId &&
      facts.purchases.indexOf(other) > facts.purchases.indexOf(purchase),
  );
  if (subscription?.endedAt === null && isWhole(purchase)) {
    if (purchase.reason === "upgrade") {
      const isUndone = later.length > 0 || subscription.creditsPerMonth !== purchase.credits;
      if (!isUndone) faults.push(`${subscription.id} keeps the tier whose upgrade was reversed`);
    } else if (later.every(({ reason }) => reason === "upgrade")) {
      faults.push(`${subscription.id} is live, but its payment was reversed in full`);
    }
  }
  if (purchase.item !== "lifetime" || isVoid(purchase, facts)) return faults;
  for (const other of facts.subscriptions) {
    if (other.endedAt !== null || other.createdAt > purchase.paidAt) continue;
    if (other.status === "past_due" || other.status === "unpaid") {
      faults.push(`${other.id} is ${other.status} beside a lifetime`);
    }
    if (other.isRenewing) faults.push(`${other.id} renews beside a lifetime`);
  }
  return faults;
}

/** Calendar months in UTC, clamped to the month's last day. */
export function addMonths(at: number, months: number): number {
  const from = new Date(at);
  const result = new Date(at);
  result.setUTCDate(1);
  result.setUTCMonth(from.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(result.getUTCFullYear(), result.getUTCMonth() + 1, 0));
  result.setUTCDate(Math.min(from.getUTCDate(), lastDay.getUTCDate()));
  return result.getTime();
}
