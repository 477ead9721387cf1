import { max, min, subDays } from "date-fns";
import { millisecondsInHour } from "date-fns/constants";
import { sql } from "drizzle-orm";
import type Stripe from "stripe";
import { enqueueAlert } from "@/alerts/alert";
import type { Executor } from "@/db/client";
import { stripeBackfill } from "@/db/schema";
import { logger } from "@/lib/logger";
import { dayName } from "@/lib/utc-period";
import type { BillingDeps } from "../deps";
import { attemptEvent, HANDLED_EVENT_TYPES } from "./process-event";
import { storeEvent } from "./store-event";
import { readEvent } from "./verify-webhook";

/** Stripe lists the events of this many days. */
export const STRIPE_KEEPS_DAYS = 30;

/** Looked at again each time. Covers events that Stripe lists late and clocks that differ. */
const OVERLAP_DAYS = 1;
/** Stripe lists newest first, so events are listed in windows to handle the oldest first. */
const WINDOW_MS = 6 * millisecondsInHour;
/** Listed at once. A window with more is halved. */
const MAX_LISTED = 10_000;
/** The most event types that Stripe accepts in one request for its list. */
const MAX_TYPES = 20;

export interface Backfill {
  /** Events that had not arrived. */
  readonly backfilled: number;
  /** Whether the inbox now holds every event that Stripe lists for the period. */
  readonly complete: boolean;
}

/**
 * Lists Stripe's events since the instant until which the inbox is complete, and handles those that
 * never arrived, oldest first. Looks back a day further than the last complete backfill, and at most
 * the 30 days for which Stripe lists events. One event that fails does not stop the others.
 *
 * `days`: looks back that far instead. `until`: no event is started after this instant; `complete`
 * is then false, and the next call resumes. Lists use the account's API version instead of the
 * endpoint's, so any version is accepted.
 */
export async function backfillEvents(
  billing: BillingDeps,
  options: { days?: number; until?: Date } = {},
): Promise<Backfill> {
  const now = billing.clock();
  const completeUntil = await readEventsCompleteUntil(billing.db);
  const from = startOf({ now, completeUntil, days: options.days });
  const oldestListed = subDays(now, STRIPE_KEEPS_DAYS);
  if (completeUntil !== null && completeUntil < oldestListed)
    await reportLost(billing, completeUntil, now);
  const isTimeUp = () => options.until !== undefined && billing.clock() >= options.until;
  // A period that starts after that instant leaves a gap.
  let isContiguous = from <= oldestListed || (completeUntil !== null && from <= completeUntil);
  let backfilled = 0;
  let complete = true;
  const endMs = now.getTime() + 1_000;
  for (let fromMs = from.getTime(); fromMs < endMs; fromMs += WINDOW_MS) {
    const toMs = Math.min(fromMs + WINDOW_MS, endMs);
    for await (const event of listOldestFirst(billing, { fromMs, toMs })) {
      if (isTimeUp()) return { backfilled, complete: false };
      const result = await backfillEvent(billing, event);
      if (result === "new") backfilled += 1;
      if (result === "failed") complete = false;
    }
    isContiguous &&= complete;
    if (isContiguous) await advance(billing.db, { to: min([new Date(toMs), now]), now });
  }
  return { backfilled, complete };
}

/** The instant until which the inbox holds every event; null before the first backfill. */
export async function readEventsCompleteUntil(reader: Executor): Promise<Date | null> {
  const [row] = await reader.select().from(stripeBackfill);
  return row?.completeUntilAt ?? null;
}

function startOf(known: { now: Date; completeUntil: Date | null; days: number | undefined }): Date {
  const { now, completeUntil } = known;
  const oldest = subDays(now, STRIPE_KEEPS_DAYS);
  if (known.days !== undefined) return max([oldest, subDays(now, known.days)]);
  if (completeUntil === null) return oldest;
  // A clock that was wrong can have left an instant in the future.
  return max([oldest, subDays(min([completeUntil, now]), OVERLAP_DAYS)]);
}

async function advance(db: Executor, { to, now }: { to: Date; now: Date }): Promise<void> {
  const [toIso, nowIso] = [to.toISOString(), now.toISOString()];
  await db
    .insert(stripeBackfill)
    .values({ completeUntilAt: to })
    .onConflictDoUpdate({
      target: stripeBackfill.id,
      set: {
        completeUntilAt: sql`greatest(${toIso}::timestamptz,
          least(${stripeBackfill.completeUntilAt}, ${nowIso}::timestamptz))`,
      },
    });
}

/** Events that are older than Stripe's list cannot be backfilled any more. */
async function reportLost(
  { db, alertChannels }: BillingDeps,
  since: Date,
  now: Date,
): Promise<void> {
  const subject = "Stripe no longer lists all the events that we may have missed";
  const facts = {
    from: since.toISOString(),
    until: subDays(now, STRIPE_KEEPS_DAYS).toISOString(),
  };
  const key = `stripe-events-lost:${dayName(now)}`;
  await enqueueAlert(db, { key, subject, facts, now }, alertChannels);
}

async function* listOldestFirst(
  billing: BillingDeps,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): AsyncGenerator<Stripe.Event> {
  const created = { gte: Math.floor(fromMs / 1000), lt: Math.floor(toMs / 1000) };
  const events: Stripe.Event[] = [];
  let isCut = false;
  for (let at = 0; at < HANDLED_EVENT_TYPES.length; at += MAX_TYPES) {
    const types = HANDLED_EVENT_TYPES.slice(at, at + MAX_TYPES);
    const newestFirst = await billing.stripe.events
      .list({ types, created, limit: 100 })
      .autoPagingToArray({ limit: MAX_LISTED });
    events.push(...newestFirst.reverse());
    isCut ||= newestFirst.length >= MAX_LISTED;
  }
  if (!isCut || created.lt - created.gte <= 1) {
    yield* events.sort((a, b) => a.created - b.created);
    return;
  }
  const middleMs = Math.floor((created.gte + created.lt) / 2) * 1000;
  yield* listOldestFirst(billing, { fromMs, toMs: middleMs });
  yield* listOldestFirst(billing, { fromMs: middleMs, toMs });
}

async function backfillEvent(
  billing: BillingDeps,
  payload: Stripe.Event,
): Promise<"new" | "known" | "failed"> {
  try {
    const event = readEvent(payload, Buffer.from(JSON.stringify(payload)));
    if (event === null) throw new Error("Stripe listed something that is not an event.");
    const { isNew, stored } = await storeEvent(billing, { ...event, anyVersion: true });
    if (isNew) await attemptEvent(billing, stored);
    return isNew ? "new" : "known";
  } catch (error) {
    logger.error({ eventId: payload.id, err: error }, "Stripe event could not be backfilled");
    return "failed";
  }
}
