import { max as latest } from "date-fns";
import { and, eq, getTableColumns, gte, isNotNull, lt, ne } from "drizzle-orm";
import type Stripe from "stripe";
import type { Transaction } from "@/db/client";
import { type PaymentReversal, payment, user } from "@/db/schema";
import { reversePurchase } from "@/ledger/reverse";
import { endSchedules, reopenSchedules } from "@/ledger/schedules";
import { keepUsedCredits } from "../consumer-rights/used-credits";
import type { BillingDeps } from "../deps";
import type { CreditWrite, Effect } from "../effect";
import { isReplacedPurchase } from "../purchases/held-plans";
import { enqueueStripeCall, type StripeCall } from "../stripe/stripe-calls";
import { earlier, idOf } from "../stripe/values";
import { cancelSubscriptionsForLifetime } from "../subscriptions/end-for-lifetime";
import { recordMembershipChange } from "../subscriptions/membership-events";
import { type LoadedReversals, loadReversals } from "./load-reversals";
import { notifyMoneyOwed, owedCentsOf, retryRefund } from "./money-owed";
import { notifyReversals } from "./notify-reversals";
import {
  memberUntil,
  type Owner,
  type Payment,
  type Promised,
  planSchedule,
  readOtherEnd,
} from "./promised";
import {
  asStanding,
  inPaidCurrency,
  isTaken,
  isWhole,
  mergeReversals,
  type ReversedPart,
  roundUpToWhole,
  sumCents,
} from "./reversed-share";

/**
 * Brings a purchase in line with its refunds and disputes, in whatever order they arrive: revokes
 * and restores credits, and ends, suspends, resumes or reopens the promised months. Applies each
 * reversal once, by its key. Reversals that were known before count as well, so an older fetch loses
 * nothing. A refused payment's refund that failed or was prevented is retried or owed (money-owed.ts).
 * So is a whole refund that fails after the user has bought a replacement: the purchase stays ended.
 * If the payment becomes or stops being reversed in full, payments of its period are aligned as well.
 *
 * Locks the user's row, then the payments. The returned credit writes compute the amount under the
 * account's lock, so they include a month that a distribution run grants concurrently.
 */
export async function applyReversals(
  tx: Transaction,
  billing: BillingDeps,
  {
    paymentId,
    loaded,
    paidUntil,
    now,
  }: {
    paymentId: string;
    loaded: LoadedReversals;
    /** When the membership ends if the purchase stays valid; null if it never granted one. */
    paidUntil: Date | null;
    now: Date;
  },
): Promise<{ userId: string; credits: CreditWrite[] }> {
  const owner = await lockPayer(tx, paymentId);
  const [bought] = await tx.select().from(payment).where(eq(payment.id, paymentId)).for("update");
  if (bought === undefined) throw new Error(`There is no payment ${paymentId}.`);
  const { userId } = bought;
  const reversals = mergeReversals(bought.reversals, loaded.reversals);
  const paid = { cents: bought.amountCents + loaded.balanceCents, currency: bought.currency };
  const parts = inPaidCurrency(reversals, paid);
  const promised = { until: paidUntil, endedAt: await readOtherEnd(tx, { owner, paid: bought }) };
  const isReplaced =
    bought.refusal === "replaced" ||
    (bought.isReversed &&
      !isWhole(parts, paid) &&
      (await isReplacedByAnother(tx, bought, { promised, now })));
  const refusal = isReplaced ? "replaced" : bought.refusal;
  const counted = isReplaced ? parts.map(asStanding) : parts;
  const isReversed = isReplaced || isWhole(parts, paid);
  const reversed = {
    userId,
    source: paymentId,
    paidCents: paid.cents,
    undone: counted.filter(({ state }) => state === "undone").map(({ key }) => key),
    standing: roundUpToWhole(counted.filter(isTaken), paid).map(({ key, cents }) => ({
      key,
      cents,
      applied: bought.appliedReversals.includes(key),
    })),
    schedule: planSchedule(bought, { parts, isReversed, promised }),
    now,
  };
  const refused = { ...bought, refusal };
  const owedCents = owedCentsOf(refused, { parts, paid });
  const memberUntilAt = isReplaced
    ? bought.memberUntilAt
    : memberUntil(bought, {
        reversedAt: isReversed ? reversedAt(reversals, now) : null,
        promised,
      });
  await tx
    .update(payment)
    .set({
      ...reversedAmounts(bought, parts),
      refusal,
      owedCents,
      reversals,
      isReversed,
      appliedReversals: [
        ...new Set([...bought.appliedReversals, ...reversed.standing.map(({ key }) => key)]),
      ],
      memberUntilAt,
    })
    .where(and(eq(payment.userId, userId), eq(payment.id, bought.id)));
  const recipient = owner === null || owner.deletedAt !== null ? null : { ...owner, userId };
  await notifyReversals(tx, { before: refused, reversals, isReversed, recipient, now });
  await notifyMoneyOwed(tx, billing, { before: refused, owedCents, parts, recipient, now });
  await retryRefund(tx, refused, { parts, now });
  await alignSubscription(tx, bought, { parts, isReversed, now });
  // The user's older subscriptions may have become known while the lifetime was reversed.
  const isRestored = bought.isReversed && !isReversed;
  if (isRestored && bought.sessionId !== null) {
    await cancelSubscriptionsForLifetime(tx, { userId, now });
  }
  const others =
    isReversed === bought.isReversed ? [] : await alignPeriod(tx, bought, { owner, paidUntil });
  const kept = await keepUsedCredits(tx, bought, now);
  if (isRestored && recipient !== null && memberUntilAt !== null && memberUntilAt > now) {
    const key = `${bought.id}:${reversed.undone.join(",")}`;
    await recordMembershipChange(tx, {
      userId,
      item: bought.item,
      reasons: ["restored"],
      key,
      now,
    });
  }
  return { userId, credits: [(last) => reversePurchase(last, reversed), ...others, ...kept] };
}

/**
 * Wraps the effect of a purchase whose event was late or dead, so that refunds and disputes from
 * before it are applied in the same transaction.
 */
export async function withReversals(
  billing: BillingDeps,
  purchase: {
    paymentId: string;
    /** The paid invoice, or the one of a one-time purchase; null without one. */
    invoiceId: string | null;
    /** The charge that paid; null if nothing was charged. */
    charge: Stripe.Charge | null;
    /** What credit notes returned after the payment, including their refunds. */
    creditedCents: number;
    paidUntil: Date | null;
  },
  fulfil: Effect,
): Promise<Effect> {
  const { paymentId, invoiceId, charge, creditedCents, paidUntil } = purchase;
  const paymentIntent = idOf(charge?.payment_intent);
  const isReversed = charge !== null && (charge.amount_refunded > 0 || charge.disputed);
  if (!isReversed && creditedCents === 0) return fulfil;
  const loaded = await loadReversals(billing, { invoiceId, paymentIntent });
  return async (tx) => {
    const outcome = await fulfil(tx);
    const [recorded] = await tx
      .select({ id: payment.id })
      .from(payment)
      .where(eq(payment.id, paymentId));
    if (outcome.status !== "handled" || recorded === undefined) return outcome;
    const now = billing.clock();
    const { credits } = await applyReversals(tx, billing, {
      paymentId,
      loaded,
      paidUntil,
      now,
    });
    const note = `${outcome.note}; ${loaded.reversals.length} refunds, credits and disputes`;
    return { ...outcome, note, credits: [...outcome.credits, ...credits] };
  };
}

/** Locks the row of the user who paid, like `lockUser`, in one round trip. */
async function lockPayer(tx: Transaction, paymentId: string): Promise<Owner | null> {
  const [owner] = await tx
    .select(getTableColumns(user))
    .from(user)
    .innerJoin(payment, eq(payment.userId, user.id))
    .where(eq(payment.id, paymentId))
    .for("no key update", { of: user });
  return owner ?? null;
}

/**
 * Ends the subscription of a period that was reversed in full, or undoes a switch that was reversed in full.
 * Stops the renewal while a dispute is open and resumes it once the dispute is won. The calls read the
 * state again before they act.
 */
async function alignSubscription(
  tx: Transaction,
  { userId, id: paymentId, subscriptionId, memberFromAt, switchedFromPriceId }: Payment,
  { parts, isReversed, now }: { parts: readonly ReversedPart[]; isReversed: boolean; now: Date },
): Promise<void> {
  if (subscriptionId === null || memberFromAt === null) return;
  const calls: { key: string; call: StripeCall }[] = [];
  const last = parts.findLast(({ state }) => state === "standing");
  if (isReversed && last !== undefined) {
    // The period in which the switch was made is still paid.
    if (switchedFromPriceId !== null) {
      const call = { do: "undo-switch", subscriptionId, paymentId } as const;
      calls.push({ key: `${last.key}:undo-switch:${subscriptionId}`, call });
    } else {
      const call = { do: "cancel-for-reversal", subscriptionId, paymentId } as const;
      calls.push({ key: `${last.key}:cancel:${subscriptionId}`, call });
    }
  }
  for (const { key, kind, state } of parts) {
    if (kind !== "dispute") continue;
    if (state === "open") {
      const call = { do: "stop-renewal-for-dispute", subscriptionId } as const;
      calls.push({ key: `${key}:stop-renewal`, call });
    }
    if (state === "undone") {
      const call = { do: "resume-renewal", subscriptionId } as const;
      calls.push({ key: `${key}:resume-renewal`, call });
    }
  }
  for (const each of calls) await enqueueStripeCall(tx, { ...each, userId, now });
}

/**
 * Aligns the other payments of a period whose end depends on this payment: the plans that it left by a
 * switch, which return once it is reversed in full, and the switches in its period, which end with our
 * cancellation because of its reversal and return with it. All of them are paid until the period's end.
 */
async function alignPeriod(
  tx: Transaction,
  { id, userId, subscriptionId, memberFromAt, switchedFromPriceId }: Payment,
  { owner, paidUntil }: { owner: Owner | null; paidUntil: Date | null },
): Promise<CreditWrite[]> {
  if (subscriptionId === null || memberFromAt === null || paidUntil === null) return [];
  const others = await tx
    .select()
    .from(payment)
    .where(
      and(
        eq(payment.userId, userId),
        eq(payment.subscriptionId, subscriptionId),
        ne(payment.id, id),
        eq(payment.isReversed, false),
        lt(payment.memberFromAt, paidUntil),
        switchedFromPriceId === null
          ? and(isNotNull(payment.switchedFromPriceId), gte(payment.memberFromAt, memberFromAt))
          : eq(payment.switchedAt, memberFromAt),
      ),
    )
    .for("update");
  const writes: CreditWrite[] = [];
  for (const other of others) {
    const endedAt = await readOtherEnd(tx, { owner, paid: other });
    const endsAt = endedAt === null ? paidUntil : earlier(paidUntil, endedAt);
    await tx
      .update(payment)
      .set({ memberUntilAt: endsAt })
      .where(and(eq(payment.userId, userId), eq(payment.id, other.id)));
    const schedule = { userId, source: other.id };
    writes.push(async (last) => {
      await reopenSchedules(last, { ...schedule, fromAt: paidUntil, endsAt: paidUntil });
      if (endedAt !== null) await endSchedules(last, { ...schedule, endsAt });
    });
  }
  return writes;
}

async function isReplacedByAnother(
  tx: Transaction,
  bought: Payment,
  { promised: { until, endedAt }, now }: { promised: Promised; now: Date },
): Promise<boolean> {
  if (bought.memberFromAt === null || until === null) return false;
  const end = endedAt === null ? until : earlier(until, endedAt);
  return isReplacedPurchase(tx, bought, { until: end, now });
}

/** What came back of the charged amount, for the revenue reports. */
function reversedAmounts(
  { amountCents }: Payment,
  parts: readonly ReversedPart[],
): { refundedCents: number; disputedCents: number } {
  const takenBy = (wanted: ReversedPart["kind"]) =>
    sumCents(parts.filter((part) => isTaken(part) && part.kind === wanted));
  const refundedCents = Math.min(takenBy("refund"), amountCents);
  return {
    refundedCents,
    disputedCents: Math.min(takenBy("dispute"), amountCents - refundedCents),
  };
}

/**
 * When a purchase was reversed in full: at its latest refund at Stripe, however late that is handled. A
 * dispute has no instant of its loss at Stripe, so it counts from its handling.
 */
function reversedAt(reversals: readonly PaymentReversal[], now: Date): Date {
  const standing = reversals.filter(({ state }) => state === "standing");
  const instants = standing.flatMap(({ createdAt }) => (createdAt ? [new Date(createdAt)] : []));
  return instants.length < standing.length ? now : latest(instants);
}
