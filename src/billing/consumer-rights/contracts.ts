import { and, eq, inArray, isNotNull, isNull, ne } from "drizzle-orm";
import { catalog } from "@/catalog/catalog";
import { findItem, itemName, monthsPaid } from "@/catalog/items";
import type { Executor } from "@/db/client";
import { payment, subscription, user, withdrawal } from "@/db/schema";
import { getLotHistories } from "@/ledger/reads/lot-history";
import type { ReadAt } from "@/ledger/reads/read-at";
import { creditLot } from "@/ledger/schema";
import { formatInstant } from "@/lib/formats";
import type { Locale } from "@/lib/locales";
import type { Payment, Subscription } from "../queries";
import { consentFor, listConsents, type StoredConsent } from "./supply-consent";
import {
  isFullyPerformed,
  type Performance,
  refundOnWithdrawal,
  withdrawalEnd,
} from "./withdrawal-rules";

/** A purchase that a user may withdraw from: a one-time payment, or a subscription with its payments. */
export interface Contract extends Performance {
  /** `checkout:cs_…` or `subscription:sub_…`. */
  readonly id: string;
  readonly item: string;
  readonly kind: "subscription" | "lifetime" | "pack";
  readonly subscriptionId: string | null;
  readonly concludedAt: Date;
  /** The first instant after the withdrawal period. */
  readonly endsAt: Date;
  /** What a withdrawal refunds, in minor units of `currency`. */
  readonly refundCents: number;
  /** Whether the right has ended because everything was supplied as the buyer asked. */
  readonly isPerformed: boolean;
  /** Whether the buyer has withdrawn from it, and no admin has closed that statement. */
  readonly isWithdrawn: boolean;
  /** Newest first. */
  readonly payments: readonly Payment[];
}

/** Parts of a lot's history that are read. A lot has fewer in a withdrawal period. */
const PARTS_READ = 1000;

/** What counts as used: spent, less what was refunded to the lot, and what settled a debt. */
const USES: readonly string[] = ["USAGE", "USAGE_REFUND", "SETTLED"];

/**
 * A user's purchases with what a withdrawal at `when` refunds, newest first. Without those that were
 * returned in full or refused. Renewals and switches of plans belong to the
 * contract of their subscription. Empty if the catalogue offers no withdrawal.
 */
export async function listContracts(
  reader: Executor,
  { userId, ...when }: { userId: string } & ReadAt,
): Promise<Contract[]> {
  if (catalog.consumerRights === null) return [];
  const days = catalog.consumerRights.withdrawalDays;
  const [[owner], payments, subscriptions, consents, withdrawn] = await Promise.all([
    reader.select({ timeZone: user.timeZone }).from(user).where(eq(user.id, userId)),
    reader
      .select()
      .from(payment)
      .where(and(eq(payment.userId, userId), isNull(payment.refusal))),
    reader.select().from(subscription).where(eq(subscription.userId, userId)),
    listConsents(reader, { userId }),
    reader
      .select({ id: withdrawal.contractId })
      .from(withdrawal)
      .where(
        and(
          eq(withdrawal.userId, userId),
          isNotNull(withdrawal.contractId),
          ne(withdrawal.status, "closed"),
        ),
      ),
  ]);
  if (owner === undefined) return [];
  const used = await readUse(reader, { userId, payments, ...when });
  const taken = new Set(withdrawn.map(({ id }) => id));
  const { timeZone } = owner;
  const bought = [
    ...payments.flatMap((one) => purchaseOf(one) ?? []),
    ...subscriptions.flatMap((one) => subscribedOf(one, payments) ?? []),
  ];
  return bought
    .map((one) => withEffect(one, { used, consents, days, timeZone }))
    .map((contract) => ({ ...contract, isWithdrawn: taken.has(contract.id) }))
    .sort((a, b) => b.concludedAt.getTime() - a.concludedAt.getTime());
}

/** Whether the buyer can withdraw from it at an instant. */
export function canWithdraw({ endsAt, isPerformed, isWithdrawn }: Contract, at: Date): boolean {
  return at < endsAt && !isPerformed && !isWithdrawn;
}

/** A contract in words: item, day and Stripe's reference. */
export function describeContract(
  { item, concludedAt, id }: Pick<Contract, "item" | "concludedAt" | "id">,
  { locale, timeZone }: { locale: Locale; timeZone: string },
): string {
  const day = formatInstant(concludedAt, { locale, timeZone, style: "date" });
  const [, reference = id] = id.split(":");
  return `${itemName(item, locale)}, ${day}, ${reference}`;
}

type Bought = Pick<
  Contract,
  "id" | "item" | "kind" | "subscriptionId" | "concludedAt" | "payments" | "currency"
>;

function purchaseOf(paid: Payment): Bought | null {
  const kind = findItem(paid.item)?.kind ?? "pack";
  if (paid.sessionId === null || paid.isReversed || kind === "subscription") return null;
  const { id, item, currency, paidAt: concludedAt } = paid;
  return { id, item, kind, subscriptionId: null, concludedAt, payments: [paid], currency };
}

/** Null for a subscription that nothing was paid for, unless it began with a trial. */
function subscribedOf(state: Subscription, all: readonly Payment[]): Bought | null {
  const payments = all
    .filter(({ subscriptionId }) => subscriptionId === state.id)
    .sort((a, b) => b.paidAt.getTime() - a.paidAt.getTime());
  const [last] = payments;
  const item = last?.item ?? state.plan;
  const isReturned = payments.length > 0 && payments.every(({ isReversed }) => isReversed);
  if (item === null || isReturned || (last === undefined && state.trialEndAt === null)) return null;
  return {
    id: `subscription:${state.id}`,
    item,
    kind: "subscription",
    subscriptionId: state.id,
    concludedAt: state.createdAt,
    payments,
    currency: last?.currency ?? state.currency ?? catalog.currency,
  };
}

function withEffect(
  bought: Bought,
  {
    used,
    consents,
    days,
    timeZone,
  }: {
    used: ReadonlyMap<string, number>;
    consents: readonly StoredConsent[];
    days: number;
    timeZone: string;
  },
): Omit<Contract, "isWithdrawn"> {
  const { payments, concludedAt, currency, kind, subscriptionId } = bought;
  const [paid] = payments;
  const consent = consentFor(
    consents,
    subscriptionId === null && paid?.sessionId
      ? { sessionId: paid.sessionId }
      : { startedAt: concludedAt },
  );
  const performance: Performance = {
    paidCents: sum(payments.map((one) => one.amountCents)),
    returnedCents: sum(payments.map((one) => one.refundedCents + one.disputedCents)),
    currency,
    usedCredits: Math.max(0, sum(payments.map(({ id }) => used.get(id) ?? 0))),
    coveredCredits: kind === "lifetime" ? null : sum(payments.map(creditsCoveredBy)),
    hasConsent: consent !== null,
  };
  return {
    ...bought,
    ...performance,
    endsAt: withdrawalEnd({ concludedAt, days, timeZone }),
    refundCents: refundOnWithdrawal(performance),
    isPerformed: isFullyPerformed(performance, kind),
  };
}

/** The credits that a payment buys in all: a year pays for twelve months. */
function creditsCoveredBy({ item: id, credits }: Payment): number {
  const item = findItem(id);
  return item?.kind === "subscription" ? credits * monthsPaid(item) : credits;
}

/** The credits used of each payment's lots, by the payment's id. */
export async function readUse(
  reader: Executor,
  {
    userId,
    payments,
    ...when
  }: { userId: string; payments: readonly Pick<Payment, "id">[] } & ReadAt,
): Promise<ReadonlyMap<string, number>> {
  const sources = payments.map(({ id }) => id);
  if (sources.length === 0) return new Map();
  const lots = await reader
    .select({ seq: creditLot.seq, source: creditLot.source })
    .from(creditLot)
    .where(and(eq(creditLot.userId, userId), inArray(creditLot.source, sources)));
  const lotSeqs = lots.map(({ seq }) => seq);
  const read = { userId, lotSeqs, partsShown: PARTS_READ, ...when };
  const histories = await getLotHistories(reader, read);
  const used = new Map<string, number>();
  for (const { seq, source } of lots) {
    const parts = histories.get(seq)?.parts ?? [];
    const amount = sum(parts.filter(({ what }) => USES.includes(what)).map((part) => part.amount));
    used.set(source, (used.get(source) ?? 0) + amount);
  }
  return used;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
