import { addMinutes } from "date-fns";
import { millisecondsInHour, millisecondsInMinute } from "date-fns/constants";
import { and, eq, getTableColumns, sql } from "drizzle-orm";
import { z } from "zod";
import { enqueueAlert } from "@/alerts/alert";
import type { Executor, Transaction } from "@/db/client";
import { stripeEvent } from "@/db/schema";
import { describeError } from "@/lib/errors";
import { logger } from "@/lib/logger";
import { storableText } from "@/lib/storable-text";
import { dayName } from "@/lib/utc-period";
import type { BillingDeps } from "../deps";
import { instantOf } from "../stripe/values";
import { bodyToKeep, bodyToStore } from "./trim-events";
import { type EventEnvelope, readEvent, type SignedEvent } from "./verify-webhook";

type InboxEvent = typeof stripeEvent.$inferSelect;
export type InboxStatus = InboxEvent["status"];

/** A stored event with what is needed to handle it. */
export type StoredEvent = Pick<
  InboxEvent,
  | "id"
  | "type"
  | "apiVersion"
  | "anyVersion"
  | "livemode"
  | "payload"
  | "objectId"
  | "createdAt"
  | "status"
>;

/** Stripe's ids and types are shorter. Postgres indexes no text of more than about 2,700 bytes. */
const MAX_TEXT_LENGTH = 255;

/** After this time the retry job treats an event as abandoned by the request that delivered it. */
const FIRST_RETRY_MS = 2 * millisecondsInMinute;

/** An event or call that fails this often, over at least `DEAD_AFTER_HOURS`, is dead-lettered. */
export const DEAD_AFTER_ATTEMPTS = 8;
export const DEAD_AFTER_HOURS = 24;

/** Delays after the 1st, 2nd, … failure. They add up to more than a day, so the 8th attempt is the last. */
const RETRY_DELAYS_MINUTES = [1, 5, 30, 2 * 60, 4 * 60, 6 * 60, 12 * 60];

/**
 * Stores an event unless it is known. Returns whether it is new, and the event with its current
 * status. An event that the database refuses, or whose shape is unknown, is stored as a dead letter
 * with an alert.
 *
 * `anyVersion`: the event comes from Stripe's list, which uses the account's API version instead of
 * the endpoint's.
 * @throws the database's error during an outage, or if not even a dead letter can be stored
 */
export async function storeEvent(
  billing: BillingDeps,
  signed: SignedEvent & { anyVersion?: boolean },
): Promise<{ isNew: boolean; stored: StoredEvent }> {
  const { event, ...received } = signed;
  if (event === null) return storeDeadLetter(billing, signed, "its shape is unknown");
  try {
    return await insertEvent(billing, { ...received, event });
  } catch (error) {
    if (isDatabaseOutage(error)) throw error;
    logger.error({ eventId: signed.id, err: error }, "Stripe event could not be stored");
    return storeDeadLetter(billing, signed, reasonOf(error));
  }
}

/** One round trip, even for a known event: most duplicates are handled and need no more. */
async function insertEvent(
  billing: BillingDeps,
  {
    event,
    payload,
    rawBody,
    anyVersion = false,
  }: SignedEvent & { event: EventEnvelope; anyVersion?: boolean },
): Promise<{ isNew: boolean; stored: StoredEvent }> {
  const receivedAt = billing.clock();
  const values = {
    id: event.id,
    type: event.type,
    apiVersion: event.api_version,
    anyVersion,
    livemode: event.livemode,
    payload,
    objectId: event.data.object.id ?? null,
    createdAt: instantOf(event.created),
    receivedAt,
    nextAttemptAt: new Date(receivedAt.getTime() + FIRST_RETRY_MS),
  };
  const inserted = billing.db.$with("inserted").as(
    billing.db
      .insert(stripeEvent)
      .values({ ...values, ...bodyToStore({ payload, rawBody, now: receivedAt }) })
      .onConflictDoNothing()
      .returning({ status: stripeEvent.status }),
  );
  const [found] = await billing.db
    .with(inserted)
    .select({
      isNew: sql<boolean>`exists (select from inserted)`,
      status: sql<InboxStatus | null>`coalesce((select status from inserted), known.status)`,
      anyVersion: sql<boolean>`coalesce(known.any_version, ${anyVersion}::boolean)`,
    })
    .from(sql`(values (1)) as one
      left join ${stripeEvent} as known on known.id = ${event.id}`);
  // No status: a concurrent request stored the event after this statement's snapshot.
  return {
    isNew: found?.isNew ?? false,
    stored: {
      ...values,
      status: found?.status ?? "pending",
      anyVersion: found?.anyVersion ?? anyVersion,
    },
  };
}

/** What a replay needs of an event, as far as it can be read. */
const looseEnvelope = z.object({
  type: z.string().catch("unknown"),
  api_version: z.string().nullable().catch(null),
  created: z.number().catch(Number.NaN),
  livemode: z.boolean().nullable().catch(null),
  data: z
    .object({ object: z.object({ id: z.string().nullable().catch(null) }) })
    .catch({ object: { id: null } }),
});

/**
 * Stores what can be stored of an event that the inbox cannot take: everything in storable form, or
 * else the id alone. If both are refused, only the alert is written.
 */
async function storeDeadLetter(
  billing: BillingDeps,
  signed: SignedEvent & { anyVersion?: boolean },
  reason: string,
): Promise<{ isNew: boolean; stored: StoredEvent }> {
  const now = billing.clock();
  const { payload, rawBody } = signed;
  const read = looseEnvelope.parse(payload);
  const createdAt = instantOf(read.created);
  const bare = {
    id: shortText(signed.id),
    type: shortText(read.type),
    apiVersion: read.api_version === null ? null : shortText(read.api_version),
    anyVersion: signed.anyVersion ?? false,
    livemode: read.livemode ?? billing.livemode,
    payload: {},
    objectId: null,
    createdAt: Number.isNaN(createdAt.getTime()) ? now : createdAt,
    receivedAt: now,
    status: "dead" as const,
    outcome: `could not be stored: ${reason}`,
  };
  const objectId = read.data.object.id;
  const full = {
    ...bare,
    payload,
    objectId: objectId === null ? null : shortText(objectId),
  };
  try {
    return await insertDeadLetter(billing, full, bodyToStore({ payload, rawBody, now }));
  } catch (error) {
    if (isDatabaseOutage(error)) throw error;
  }
  try {
    return await insertDeadLetter(billing, bare);
  } catch (error) {
    if (isDatabaseOutage(error)) throw error;
    const subject = "A Stripe event could not be stored";
    await alertOfDeadEvent(billing.db, billing, { id: bare.id, subject, facts: { reason } });
    throw error;
  }
}

type DeadLetter = typeof stripeEvent.$inferInsert & StoredEvent & { outcome: string };

/** A known event stays as it is. The alert is written in the same transaction. */
async function insertDeadLetter(
  billing: BillingDeps,
  deadLetter: DeadLetter,
  body: Partial<ReturnType<typeof bodyToStore>> = {},
): Promise<{ isNew: boolean; stored: StoredEvent }> {
  const { id, type, outcome } = deadLetter;
  return billing.db.transaction(async (tx) => {
    const inserted = await tx
      .insert(stripeEvent)
      .values({ ...deadLetter, ...body })
      .onConflictDoNothing()
      .returning({ id: stripeEvent.id });
    if (inserted.length === 0) {
      const stored = await findEvent(tx, id);
      return { isNew: false, stored: stored ?? deadLetter };
    }
    const subject = "A Stripe event needs an admin";
    await alertOfDeadEvent(tx, billing, { id, subject, facts: { type, outcome } });
    return { isNew: true, stored: deadLetter };
  });
}

/** Stores what Stripe still has of an event whose payload could not be stored, for its replay. */
export async function restoreEvent(
  billing: BillingDeps,
  stored: StoredEvent,
): Promise<StoredEvent> {
  const payload = await billing.stripe.events.retrieve(stored.id);
  const rawBody = Buffer.from(JSON.stringify(payload));
  const event = readEvent(payload, rawBody)?.event;
  if (!event) throw new Error(`Stripe's event ${stored.id} has an unknown shape.`);
  const restored = {
    type: event.type,
    apiVersion: event.api_version,
    livemode: event.livemode,
    payload,
    objectId: event.data.object.id ?? null,
    createdAt: instantOf(event.created),
  };
  const body = bodyToStore({ payload, rawBody, now: billing.clock() });
  await billing.db
    .update(stripeEvent)
    .set({ ...restored, ...body })
    .where(eq(stripeEvent.id, stored.id));
  return { ...stored, ...restored };
}

const { rawBody: _, ...withoutBody } = getTableColumns(stripeEvent);

/** A stored event, or null. */
export async function findEvent(reader: Executor, id: string): Promise<StoredEvent | null> {
  const [event] = await reader.select(withoutBody).from(stripeEvent).where(eq(stripeEvent.id, id));
  return event ?? null;
}

/**
 * Records the outcome and closes a pending event. Locks its row. A dead letter's alert is written in
 * the same transaction.
 * @throws if another worker closed the event first; the caller's transaction must roll back
 */
export async function closeEvent(
  tx: Transaction,
  billing: BillingDeps,
  closed: {
    event: StoredEvent;
    status: "handled" | "ignored" | "dead";
    note: string;
    userId: string | null;
  },
): Promise<void> {
  const { id, type } = closed.event;
  const rows = await tx
    .update(stripeEvent)
    .set({
      status: closed.status,
      outcome: storableText(closed.note),
      userId: closed.userId,
      ...bodyToKeep({ ...closed.event, userId: closed.userId, now: billing.clock() }),
      handledAt: closed.status === "dead" ? null : billing.clock(),
      nextAttemptAt: null,
    })
    .where(and(eq(stripeEvent.id, id), eq(stripeEvent.status, "pending")))
    .returning({ id: stripeEvent.id });
  if (rows.length === 0) throw new Error(`Event ${id} is already closed.`);
  if (closed.status !== "dead") return;
  const subject = "A Stripe event needs an admin";
  await alertOfDeadEvent(tx, billing, { id, subject, facts: { type, outcome: closed.note } });
}

/**
 * Counts a failed attempt and schedules the next, or dead-letters the event after 8 attempts over at
 * least 24 hours. Uses its own transaction, because the failed one rolled back. Leaves a closed
 * event unchanged. Returns the resulting status.
 */
export async function recordFailure(
  billing: BillingDeps,
  id: string,
  error: unknown,
): Promise<InboxStatus> {
  const now = billing.clock();
  const status = await billing.db.transaction(async (tx) => {
    const current = await lockEvent(tx, id);
    if (current !== "pending") return current;
    const [counted] = await tx
      .update(stripeEvent)
      .set({
        attempts: sql`${stripeEvent.attempts} + 1`,
        firstAttemptAt: sql`coalesce(${stripeEvent.firstAttemptAt}, ${now.toISOString()}::timestamptz)`,
        lastError: reasonOf(error),
      })
      .where(eq(stripeEvent.id, id))
      .returning({ attempts: stripeEvent.attempts, firstAttemptAt: stripeEvent.firstAttemptAt });
    const attempts = counted?.attempts ?? 1;
    const firstAttemptAt = counted?.firstAttemptAt ?? now;
    if (!isExhausted({ attempts, firstAttemptAt, now })) {
      const nextAttemptAt = nextAttempt(attempts, now);
      await tx.update(stripeEvent).set({ nextAttemptAt }).where(eq(stripeEvent.id, id));
      return "pending";
    }
    await tx
      .update(stripeEvent)
      .set({ status: "dead", outcome: "dead-lettered after repeated errors", nextAttemptAt: null })
      .where(eq(stripeEvent.id, id));
    const subject = "A Stripe event was dead-lettered after repeated errors";
    await alertOfDeadEvent(tx, billing, { id, subject, facts: { error: reasonOf(error) } });
    return "dead";
  });
  logger.warn({ eventId: id, status, err: error }, "Stripe event failed");
  if (status === "dead") logger.error({ eventId: id }, "Stripe event dead-lettered");
  return status;
}

/** When to retry after `attempts` failures. */
export function nextAttempt(attempts: number, now: Date): Date {
  const last = RETRY_DELAYS_MINUTES.length;
  return addMinutes(now, RETRY_DELAYS_MINUTES[Math.min(attempts, last) - 1] ?? 1);
}

/**
 * True after enough attempts and enough time. Requiring both means that neither a burst of retries
 * nor one long outage dead-letters anything.
 */
export function isExhausted(tried: { attempts: number; firstAttemptAt: Date; now: Date }): boolean {
  const elapsedMs = tried.now.getTime() - tried.firstAttemptAt.getTime();
  return (
    tried.attempts >= DEAD_AFTER_ATTEMPTS && elapsedMs >= DEAD_AFTER_HOURS * millisecondsInHour
  );
}

async function lockEvent(tx: Transaction, id: string): Promise<InboxStatus> {
  const [row] = await tx
    .select({ status: stripeEvent.status })
    .from(stripeEvent)
    .where(eq(stripeEvent.id, id))
    .for("update");
  if (row === undefined) throw new Error(`The inbox has no event ${id}.`);
  return row.status;
}

/** At most one alert per event and day: an event that dies again after a replay raises another. */
async function alertOfDeadEvent(
  tx: Executor,
  { clock, alertChannels }: BillingDeps,
  { id, subject, facts }: { id: string; subject: string; facts: Record<string, string> },
): Promise<void> {
  const now = clock();
  const key = `stripe-event:${id}:${dayName(now)}`;
  await enqueueAlert(tx, { key, subject, facts: { eventId: id, ...facts }, now }, alertChannels);
}

/** The message of the error or of its cause (Drizzle wraps the driver's error), without row data. */
function reasonOf(error: unknown): string {
  const innermost = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return storableText(describeError(innermost).message);
}

const sqlError = z.object({ code: z.string().regex(/^(?=.*\d)[\dA-Z]{5}$/) });
/** Classes of SQLSTATEs of an outage, a conflict or a lack of resources. */
const OUTAGE_CLASSES = ["08", "25", "40", "53", "55", "57", "58"];

/** Whether the error says nothing about the event, so that the same event can be stored later. */
function isDatabaseOutage(error: unknown): boolean {
  const innermost = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const { data } = sqlError.safeParse(innermost);
  if (data !== undefined) return OUTAGE_CLASSES.includes(data.code.slice(0, 2));
  return !(innermost instanceof RangeError || innermost instanceof TypeError);
}

function shortText(text: string): string {
  return storableText(text.slice(0, MAX_TEXT_LENGTH));
}
