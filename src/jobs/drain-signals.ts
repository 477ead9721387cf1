import { setTimeout } from "node:timers/promises";
import { asc, inArray } from "drizzle-orm";
import { enqueueAlert } from "@/alerts/alert";
import { alertChannels } from "@/alerts/configured-channels";
import { billingDeps } from "@/billing/deps";
import { getFeature } from "@/catalog/items";
import type { Database, Transaction } from "@/db/client";
import { apiService, user } from "@/db/schema";
import { type CreditSignal, hasSignals, setLowBalanceDefault, takeSignals } from "@/ledger/signals";
import { now as currentTime } from "@/lib/clock";
import { logger } from "@/lib/logger";
import { notifyKeyLimits, type ReachedKeyLimit } from "@/notifications/notify-key-limit";
import { notifyLowBalance } from "@/notifications/notify-low-balance";
import { lowBalanceThreshold } from "@/notifications/preferences";
import { product } from "@/product/current";
import { clientKeyOf } from "@/public-api/reads";
import { type EventToRecord, recordEvents } from "@/webhooks/events";

export interface SignalDrain {
  readonly handled: number;
  /** Signals that could not be handled. They stay for the next drain. */
  readonly failed: number;
}

/** Users' rows are locked while a batch is handled. */
const BATCH_SIZE = 50;
/** Writes that follow each other share a drain. */
const GATHER_MS = 250;
const AFTER_WRITE_MS = 10_000;

/**
 * Turns the ledger's signals into notices, emails, alerts and events, oldest first, until none is left or
 * `deadlineMs` (of `performance.now()`) passes. A batch is one transaction that deletes its signals and
 * writes what follows from them, so each signal has its effect once, however often a drain is killed. Any
 * number of drains may run concurrently. If a batch fails, its signals are handled one by one.
 */
export async function drainSignals(
  db: Database,
  { now, deadlineMs }: { now: Date; deadlineMs: number },
): Promise<SignalDrain> {
  const failed: string[] = [];
  let handled = 0;
  let limit = BATCH_SIZE;
  while (performance.now() < deadlineMs) {
    let taken: readonly CreditSignal[] = [];
    try {
      await db.transaction(async (tx) => {
        taken = await takeSignals(tx, { limit, except: failed });
        await handleSignals(tx, taken, now);
      });
    } catch (error) {
      const [only] = taken;
      // Without a signal the database itself has failed.
      if (only === undefined) throw error;
      if (limit === 1) {
        failed.push(only.id);
        logger.error({ err: error, signal: only.id, kind: only.kind }, "could not handle a signal");
      }
      limit = 1;
      continue;
    }
    handled += taken.length;
    if (taken.length < limit) break;
  }
  return { handled, failed: failed.length };
}

/** @throws Error if a signal could not be handled, so that the tick reports it */
export async function drainAllSignals(
  db: Database,
  limits: { now: Date; deadlineMs: number },
): Promise<void> {
  const { failed } = await drainSignals(db, limits);
  if (failed > 0) throw new Error(`${failed} signals could not be handled.`);
}

let soon: Promise<void> | null = null;

/**
 * Drains the signals shortly after a write, once for all writes that a process makes until then. Returns
 * null if a drain is already planned. Never throws: what fails waits for the tick.
 */
export function drainSignalsSoon(): Promise<void> | null {
  if (soon !== null) return null;
  soon = drainAfterGathering();
  return soon;
}

async function drainAfterGathering(): Promise<void> {
  const { db } = billingDeps;
  await setTimeout(GATHER_MS);
  soon = null;
  try {
    if (!(await hasSignals(db))) return;
    await drainSignals(db, { now: currentTime(), deadlineMs: performance.now() + AFTER_WRITE_MS });
  } catch (error) {
    logger.error({ err: error }, "could not drain the signals");
  }
}

/** Gives the ledger the threshold of users who have not chosen one: a few uses of the main feature. */
export async function setLowBalanceAtStart(): Promise<void> {
  const threshold = lowBalanceThreshold({ lowBalanceThreshold: null }, { cost: mainCost() });
  try {
    await setLowBalanceDefault(billingDeps.db, Math.max(1, threshold));
  } catch (error) {
    logger.error({ err: error, threshold }, "the threshold of a low balance was not set at start");
  }
}

async function handleSignals(
  tx: Transaction,
  signals: readonly CreditSignal[],
  now: Date,
): Promise<void> {
  const limits = await readReachedCaps(tx, signals);
  const charged = signals.filter(isChargedCrossing);
  const userIds = [...new Set(charged.map(({ userId }) => userId))];
  const owners = limits.flatMap(({ service: { ownerId } }) => ownerId ?? []);
  await lockUsers(tx, [...userIds, ...owners]);
  await notifyLowBalance(tx, { userIds, cost: mainCost(), now });
  await notifyKeyLimits(tx, { reached: limits.flatMap(ofPersonalKey), now });
  await alertOfServiceLimits(tx, limits, now);
  await recordEvents(tx, signals.flatMap(toEvent), now);
}

/** The event of a signal; none if it concerns only the site or a personal key. */
function toEvent(signal: CreditSignal): EventToRecord[] {
  const { id, userId, at } = signal;
  const common = { key: `signal:${id}`, userId, at };
  switch (signal.kind) {
    case "balance-low": {
      const { available, threshold } = signal.facts;
      const data = { user: userId, available, threshold };
      return [{ ...common, type: "balance.low", serviceId: null, data }];
    }
    case "balance-depleted": {
      const data = { user: userId, available: signal.facts.available };
      return [{ ...common, type: "balance.depleted", serviceId: null, data }];
    }
    case "hold-lapsed": {
      const { holdKey, amount, serviceId, feature, heldAt } = signal.facts;
      const key = serviceId === null ? null : clientKeyOf(serviceId, holdKey);
      if (key === null) return [];
      const times = { held_at: heldAt.toISOString(), lapsed_at: at.toISOString() };
      const data = { user: userId, key, amount, feature, ...times };
      return [{ ...common, type: "hold.lapsed", serviceId, data }];
    }
    case "limit-reached": {
      const { serviceId, isOfUser, window, amount, used, isHard, resetsAt } = signal.facts;
      if (serviceId === null) return [];
      const data = {
        user: isOfUser ? userId : null,
        window,
        limit: amount,
        used,
        hard: isHard,
        resets_at: resetsAt?.toISOString() ?? null,
      };
      return [{ ...common, type: "limit.reached", serviceId, data }];
    }
  }
}

function isChargedCrossing(signal: CreditSignal): boolean {
  const isCrossing = signal.kind === "balance-low" || signal.kind === "balance-depleted";
  return isCrossing && signal.facts.isCharge;
}

type LimitReached = Extract<CreditSignal, { kind: "limit-reached" }>;

/** A reached limit of what a service spends for all users, with the service. */
interface ReachedCap {
  readonly facts: LimitReached["facts"];
  /** `ownerId` null: a service of the site. */
  readonly service: { readonly id: string; readonly name: string; readonly ownerId: string | null };
}

async function readReachedCaps(
  tx: Transaction,
  signals: readonly CreditSignal[],
): Promise<ReachedCap[]> {
  const reached = signals
    .flatMap((signal) => (signal.kind === "limit-reached" ? [signal.facts] : []))
    .filter(({ isOfUser, serviceId }) => !isOfUser && serviceId !== null);
  if (reached.length === 0) return [];
  const ids = reached.flatMap(({ serviceId }) => serviceId ?? []);
  const services = await tx
    .select({ id: apiService.id, name: apiService.name, ownerId: apiService.userId })
    .from(apiService)
    .where(inArray(apiService.id, ids));
  return reached.flatMap((facts) => {
    const service = services.find(({ id }) => id === facts.serviceId);
    return service === undefined ? [] : [{ facts, service }];
  });
}

/** Locks everyone who may be notified in one order, so that concurrent drains cannot deadlock. */
async function lockUsers(tx: Transaction, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await tx
    .select({ id: user.id })
    .from(user)
    .where(inArray(user.id, [...ids]))
    .orderBy(asc(user.id))
    .for("no key update");
}

function ofPersonalKey({
  facts: { limitId, amount: limit, isHard, startsAt, resetsAt },
  service: { name, ownerId },
}: ReachedCap): ReachedKeyLimit[] {
  // The text says that the key is refused.
  if (ownerId === null || !isHard) return [];
  return [{ userId: ownerId, name, limitId, limit, startsAt, resetsAt }];
}

/** Alerts the operators of each cap of a service of the site, once in each window. */
async function alertOfServiceLimits(
  tx: Transaction,
  caps: readonly ReachedCap[],
  now: Date,
): Promise<void> {
  for (const { facts, service } of caps) {
    if (service.ownerId !== null) continue;
    const { limitId, window, amount, isHard, startsAt, resetsAt } = facts;
    const alert = {
      key: `spend-limit:${limitId}:${startsAt?.toISOString() ?? window}`,
      subject: isHard
        ? "A service has reached its spending limit and is refused"
        : "A service has reached its spending limit",
      facts: {
        serviceId: service.id,
        window,
        limit: amount,
        resetsAt: resetsAt?.toISOString() ?? null,
      },
      now,
    };
    await enqueueAlert(tx, alert, alertChannels);
  }
}

function mainCost(): number {
  return getFeature(product.feature).cost;
}
