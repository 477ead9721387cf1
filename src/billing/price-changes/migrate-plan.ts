import { addDays, addSeconds, max } from "date-fns";
import { and, eq, inArray } from "drizzle-orm";
import type Stripe from "stripe";
import { graceHoursOf, monthsPaid, type SubscriptionItem } from "@/catalog/items";
import { lockUser } from "@/db/lock-user";
import { priceChange, subscription, user } from "@/db/schema";
import { describeError } from "@/lib/errors";
import { logger } from "@/lib/logger";
import { monthsAfter } from "@/lib/utc-period";
import type { BillingDeps } from "../deps";
import { MigrationRefused } from "../errors";
import { isMissing } from "../stripe/call-stripe";
import { instantOf } from "../stripe/values";
import {
  CHARGING_STATUSES,
  isLive,
  planItemOf,
  scheduledEndOf,
} from "../subscriptions/live-subscriptions";
import { announcePriceChange } from "./announce-price-change";
import { listVersions, type PriceVersion, type VersionPrice } from "./price-versions";

/** Stripe lists at most this many subscriptions in a call. */
const PAGE = 100;
const EXAMPLES = 5;

export interface MigrationOptions {
  readonly plan: string;
  readonly from: number;
  readonly to: number;
  /** Subscribers who renew sooner are moved at the next renewal. */
  readonly noticeDays: number;
  readonly dryRun: boolean;
}

/** The move of one item's subscribers from a price to another. */
export interface PriceMove {
  readonly from: VersionPrice;
  readonly to: VersionPrice;
}

/** A subscriber who is scheduled, or would be in a dry run. */
export interface ScheduledMove {
  readonly subscriptionId: string;
  readonly userId: string;
  readonly item: string;
  readonly currency: string;
  readonly effectiveAt: Date;
}

export interface MigrationReport {
  readonly moves: readonly PriceMove[];
  /** Items of the plan that lack one of the versions. */
  readonly unchangedItems: readonly string[];
  /** Scheduled by this run; in a dry run, how many would be. */
  scheduled: number;
  /** Scheduled by an earlier run. */
  already: number;
  /** `pro-monthly, usd` → how many of `scheduled`. */
  readonly groups: Map<string, number>;
  readonly examples: ScheduledMove[];
  /** Reason → the subscriptions that keep their price. */
  readonly skipped: Map<string, string[]>;
  readonly failed: { subscriptionId: string; error: string }[];
}

/**
 * Schedules the move of live subscribers from one version of a plan's price to another. One transaction
 * per subscriber writes the email and a `price_change`. Nothing changes at Stripe until the renewal is near
 * (apply-price-change.ts). Safe to interrupt, repeat and run concurrently. A failed subscriber does not
 * stop the others. A dry run writes nothing.
 * @throws MigrationRefused if a version is unknown or its price is not sold; Stripe's error if the
 * subscriptions cannot be listed
 */
export async function migratePlan(
  billing: BillingDeps,
  options: MigrationOptions,
): Promise<MigrationReport> {
  const { moves, unchangedItems } = await findMoves(billing, options);
  const report: MigrationReport = {
    moves,
    unchangedItems,
    scheduled: 0,
    already: 0,
    groups: new Map(),
    examples: [],
    skipped: new Map(),
    failed: [],
  };
  for (const move of moves) {
    for await (const page of listSubscribers(billing, move.from.priceId)) {
      await migratePage(billing, { ...options, move, page, report });
    }
  }
  return report;
}

async function findMoves(
  billing: BillingDeps,
  { plan, from, to }: MigrationOptions,
): Promise<Pick<MigrationReport, "moves" | "unchangedItems">> {
  if (from === to) throw new MigrationRefused("--from and --to are the same version.");
  const versions = await listVersions(billing.db, plan);
  const items = [...new Set(versions.map(({ item }) => item))];
  const moves: PriceMove[] = [];
  const unchangedItems: string[] = [];
  for (const item of items) {
    const find = (number: number) =>
      versions.find((one) => one.item === item && one.version === number);
    const [old, target] = [find(from), find(to)];
    if (old === undefined || target === undefined) {
      unchangedItems.push(item);
      continue;
    }
    const sold = await findSoldPrice(billing, target);
    moves.push(...old.prices.map((price) => ({ from: price, to: sold })));
  }
  if (moves.length === 0) {
    const known = versions.map(({ item, version }) => `${item} ${version}`).join(", ");
    throw new MigrationRefused(
      `No item of "${plan}" has both version ${from} and version ${to}. Known versions: ${known}.`,
    );
  }
  return { moves, unchangedItems };
}

/** The newest price of a version that is active, because Stripe refuses to move to an archived one. */
async function findSoldPrice(
  { stripe }: BillingDeps,
  { item, version, prices }: PriceVersion,
): Promise<VersionPrice> {
  for (const price of [...prices].reverse()) {
    try {
      const found = await stripe.prices.retrieve(price.priceId, { expand: ["product"] });
      const { product } = found;
      const isSold = typeof product !== "string" && product.deleted !== true && product.active;
      if (found.active && isSold) return price;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  const ids = prices.map(({ priceId }) => priceId).join(", ");
  throw new MigrationRefused(
    `Version ${version} of ${item} is not sold: ${ids} is archived or missing at Stripe.`,
  );
}

async function* listSubscribers(
  { stripe }: BillingDeps,
  priceId: string,
): AsyncGenerator<Stripe.Subscription[]> {
  let page: Stripe.Subscription[] = [];
  for await (const found of stripe.subscriptions.list({ price: priceId, limit: PAGE })) {
    page.push(found);
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

interface MigrationPage extends MigrationOptions {
  readonly move: PriceMove;
  readonly page: readonly Stripe.Subscription[];
  readonly report: MigrationReport;
}

async function migratePage(billing: BillingDeps, given: MigrationPage): Promise<void> {
  const { page, move, report, dryRun, noticeDays } = given;
  await billing.prices.resolve(
    page.flatMap(({ items }) => items.data.map(({ price }) => price.id)),
  );
  const storedById = await readStored(billing, page);
  for (const state of page) {
    if (!isLive(state.status)) continue;
    const stored = storedById.get(state.id);
    const plan = planItemOf(billing, state);
    const reason = reasonToSkip(state, { stored, plan, move });
    if (reason !== null || plan === null || stored === undefined) {
      skip(report, state.id, reason ?? "not in the database");
      continue;
    }
    const noticeEndsAt = earliestRenewal(state, addDays(billing.clock(), noticeDays));
    const scheduled: ScheduledMove = {
      subscriptionId: state.id,
      userId: stored.userId,
      item: move.to.item.id,
      currency: state.currency,
      effectiveAt: renewalAfter(state, { ...plan, noticeEndsAt }),
    };
    try {
      const quantity = plan.line.quantity ?? 1;
      const result = dryRun
        ? resultOfDryRun(stored, move)
        : await schedule(billing, { ...scheduled, move, quantity, noticeEndsAt });
      if (result === "scheduled") count(report, scheduled);
      else if (result === "already") report.already += 1;
      else skip(report, state.id, result);
    } catch (error) {
      logger.error({ err: error, subscriptionId: state.id }, "a price change was not scheduled");
      report.failed.push({ subscriptionId: state.id, error: describeError(error).message });
    }
  }
}

interface Stored {
  readonly userId: string;
  readonly priceId: string;
  readonly deletedAt: Date | null;
  /** The price of a change that is scheduled already. */
  readonly scheduledFor: string | null;
}

async function readStored(
  { db }: BillingDeps,
  page: readonly Stripe.Subscription[],
): Promise<Map<string, Stored>> {
  const ids = page.map(({ id }) => id);
  const rows = await db
    .select({
      id: subscription.id,
      userId: subscription.userId,
      priceId: subscription.priceId,
      deletedAt: user.deletedAt,
      scheduledFor: priceChange.toPriceId,
    })
    .from(subscription)
    .innerJoin(user, eq(user.id, subscription.userId))
    .leftJoin(
      priceChange,
      and(eq(priceChange.subscriptionId, subscription.id), eq(priceChange.status, "scheduled")),
    )
    .where(inArray(subscription.id, ids));
  return new Map(rows.map(({ id, ...row }) => [id, row]));
}

/** Why a subscription keeps its price; null if it can be moved. */
function reasonToSkip(
  state: Stripe.Subscription,
  {
    stored,
    plan,
    move: { from, to },
  }: { stored: Stored | undefined; plan: ReturnType<typeof planItemOf>; move: PriceMove },
): string | null {
  if (stored === undefined) return "not in the database";
  if (stored.deletedAt !== null) return "account deleted";
  if (!CHARGING_STATUSES.includes(state.status)) return state.status;
  if (scheduledEndOf(state) !== null) return "set to end";
  if (state.schedule !== null) return "has a scheduled change";
  if (plan?.priceId !== from.priceId) return "has several plans";
  if (stored.priceId !== from.priceId) return "stored at another price: its event is late";
  const { currency } = state;
  if (to.item.amounts[currency] === undefined) return `pays in ${currency}, which is not offered`;
  const isSame =
    from.item.amounts[currency] === to.item.amounts[currency] &&
    from.item.creditsPerMonth === to.item.creditsPerMonth &&
    graceHoursOf(from.item) === graceHoursOf(to.item);
  return isSame ? "same price, credits and grace" : null;
}

/** A trial's first charge stays as it was announced when the trial began. */
function earliestRenewal({ trial_end: trialEnd }: Stripe.Subscription, noticeEndsAt: Date): Date {
  return trialEnd === null ? noticeEndsAt : max([noticeEndsAt, addSeconds(instantOf(trialEnd), 1)]);
}

/** The first renewal after the notice period. Stripe counts periods from the billing cycle's anchor. */
function renewalAfter(
  { billing_cycle_anchor: anchor }: Stripe.Subscription,
  {
    line,
    item,
    noticeEndsAt,
  }: { line: Stripe.SubscriptionItem; item: SubscriptionItem; noticeEndsAt: Date },
): Date {
  const next = instantOf(line.current_period_end);
  if (next >= noticeEndsAt) return next;
  const months = monthsPaid(item);
  for (let n = months; ; n += months) {
    const renewal = monthsAfter(instantOf(anchor), n);
    if (renewal > next && renewal >= noticeEndsAt) return renewal;
  }
}

function resultOfDryRun({ scheduledFor }: Stored, { to }: PriceMove): "already" | "scheduled" {
  return scheduledFor === to.priceId ? "already" : "scheduled";
}

/** Locks the user. Returns the reason instead if the subscription keeps its price. */
async function schedule(
  { db, clock }: BillingDeps,
  {
    move: { from, to },
    ...move
  }: ScheduledMove & { move: PriceMove; quantity: number; noticeEndsAt: Date },
): Promise<string> {
  const { subscriptionId, userId, currency, quantity, noticeEndsAt, effectiveAt } = move;
  return db.transaction(async (tx) => {
    const owner = await lockUser(tx, userId);
    if (owner === null || owner.deletedAt !== null) return "account deleted";
    const [stored] = await tx
      .select({ priceId: subscription.priceId })
      .from(subscription)
      .where(eq(subscription.id, subscriptionId));
    if (stored?.priceId !== from.priceId) return "switched during the run";
    const isOfSubscription = eq(priceChange.subscriptionId, subscriptionId);
    const isScheduled = and(isOfSubscription, eq(priceChange.status, "scheduled"));
    const [earlier] = await tx.select().from(priceChange).where(isScheduled);
    if (earlier?.toPriceId === to.priceId) return "already";
    const now = clock();
    await tx.update(priceChange).set({ status: "dropped", closedAt: now }).where(isScheduled);
    const [added] = await tx
      .insert(priceChange)
      .values({
        userId,
        subscriptionId,
        fromPriceId: from.priceId,
        toPriceId: to.priceId,
        currency,
        quantity,
        noticeEndsAt,
        effectiveAt,
        createdAt: now,
      })
      .returning({ id: priceChange.id });
    if (added === undefined) throw new Error("The price change was not stored.");
    await announcePriceChange(tx, {
      id: added.id,
      recipient: { ...owner, userId },
      from: from.item,
      to: to.item,
      currency,
      quantity,
      effectiveAt,
      now,
    });
    return "scheduled";
  });
}

function count(report: MigrationReport, scheduled: ScheduledMove): void {
  const group = `${scheduled.item}, ${scheduled.currency}`;
  report.scheduled += 1;
  report.groups.set(group, (report.groups.get(group) ?? 0) + 1);
  if (report.examples.length < EXAMPLES) report.examples.push(scheduled);
}

function skip(report: MigrationReport, subscriptionId: string, reason: string): void {
  report.skipped.set(reason, [...(report.skipped.get(reason) ?? []), subscriptionId]);
}
