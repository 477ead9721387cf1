import { and, eq, sql } from "drizzle-orm";
import { enqueueAlert } from "@/alerts/alert";
import type { Executor, Transaction } from "@/db/client";
import { stripeEvent } from "@/db/schema";
import { describeError } from "@/lib/errors";
import { logger } from "@/lib/logger";
import { dayName } from "@/lib/utc-period";
import type { BillingDeps } from "../deps";
import { instantOf } from "../stripe/stripe-ids";
import { isSpent, nextAttempt } from "./backoff";
import type { SignedEvent } from "./verify-webhook";

export type InboxEvent = typeof stripeEvent.$inferSelect;
export type InboxStatus = InboxEvent["status"];

/** How long the request that brought an event has, before the retry job takes it for abandoned. */
const FIRST_RETRY_MS = 2 * 60_000;

/** An event that is in the inbox, with what is needed to handle it. */
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

/**
 * Keeps an event as it came. The same event again changes nothing. Answers whether it was new, and
 * the event with the status it has. One round trip, also for one that is known: most of those are
 * handled, and there is nothing more to do than to say so.
 *
 * `anyVersion`: it was listed by Stripe, which renders events at the account's API version, whatever
 * the endpoint's is.
 */
export async function storeEvent(
  billing: BillingDeps,
  { event, payload, anyVersion = false }: SignedEvent & { anyVersion?: boolean },
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
  const inserted = billing.db
    .$with("inserted")
    .as(
      billing.db
        .insert(stripeEvent)
        .values(values)
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
  // Neither: it was stored a moment ago by somebody whose COMMIT this statement could not see.
  return {
    isNew: found?.isNew ?? false,
    stored: {
      ...values,
      status: found?.status ?? "pending",
      anyVersion: found?.anyVersion ?? anyVersion,
    },
  };
}

/** One stored event; null if there is none. */
export async function findEvent(reader: Executor, id: string): Promise<InboxEvent | null> {
  const [event] = await reader.select().from(stripeEvent).where(eq(stripeEvent.id, id));
  return event ?? null;
}

/** Locks an event's row until the end of the transaction and answers its status by then. */
async function lockEvent(tx: Transaction, id: string): Promise<InboxStatus> {
  const [row] = await tx
    .select({ status: stripeEvent.status })
    .from(stripeEvent)
    .where(eq(stripeEvent.id, id))
    .for("update");
  if (row === undefined) throw new Error(`The inbox has no event ${id}.`);
  return row.status;
}

/**
 * Closes a pending event with what its handling came to, and locks its row.
 * @throws if somebody else has closed it meanwhile: then nothing that this transaction did may stay.
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
      outcome: closed.note,
      userId: closed.userId,
      handledAt: closed.status === "dead" ? null : billing.clock(),
      nextAttemptAt: null,
    })
    .where(and(eq(stripeEvent.id, id), eq(stripeEvent.status, "pending")))
    .returning({ id: stripeEvent.id });
  if (rows.length === 0) throw new Error(`The event ${id} is closed already.`);
  if (closed.status !== "dead") return;
  const subject = "A Stripe event needs an admin";
  await alertOfDeadEvent(tx, billing, { id, subject, facts: { type, outcome: closed.note } });
}

/**
 * Counts a failed attempt, in a transaction of its own as the failed one is rolled back, and plans
 * the next. After 8 attempts over at least 24 hours the event is dead and waits for an admin. An event
 * that is closed already stays as it is. Answers the status by then.
 */
export async function recordFailure(
  billing: BillingDeps,
  id: string,
  error: unknown,
): Promise<InboxStatus> {
  const now = billing.clock();
  const status = await billing.db.transaction(async (tx) => {
    const found = await lockEvent(tx, id);
    if (found !== "pending") return found;
    const [tried] = await tx
      .update(stripeEvent)
      .set({
        attempts: sql`${stripeEvent.attempts} + 1`,
        firstAttemptAt: sql`coalesce(${stripeEvent.firstAttemptAt}, ${now.toISOString()}::timestamptz)`,
        lastError: reasonOf(error),
      })
      .where(eq(stripeEvent.id, id))
      .returning({ attempts: stripeEvent.attempts, firstAttemptAt: stripeEvent.firstAttemptAt });
    const attempts = tried?.attempts ?? 1;
    const dead = isSpent({ attempts, firstAttemptAt: tried?.firstAttemptAt ?? now, now });
    await tx
      .update(stripeEvent)
      .set(
        dead
          ? { status: "dead", outcome: "given up after repeated errors", nextAttemptAt: null }
          : { nextAttemptAt: nextAttempt(attempts, now) },
      )
      .where(eq(stripeEvent.id, id));
    if (!dead) return "pending";
    const subject = "A Stripe event was dead-lettered after repeated errors";
    await alertOfDeadEvent(tx, billing, { id, subject, facts: { error: reasonOf(error) } });
    return "dead";
  });
  logger.warn({ eventId: id, status, err: error }, "an attempt to handle an event failed");
  if (status === "dead") logger.error({ eventId: id, err: error }, "Stripe event dead-lettered");
  return status;
}

/** Once a day per event: one that dies again after a replay raises another alert. */
async function alertOfDeadEvent(
  tx: Transaction,
  { clock, alertChannels }: BillingDeps,
  { id, subject, facts }: { id: string; subject: string; facts: Record<string, string> },
): Promise<void> {
  const now = clock();
  const key = `stripe-event:${id}:${dayName(now)}`;
  await enqueueAlert(tx, { key, subject, facts: { eventId: id, ...facts }, now }, alertChannels);
}

/** The message or, where Drizzle wrapped the driver's error, its cause's, without what was in the data. */
function reasonOf(error: unknown): string {
  const innermost = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return describeError(innermost).message;
}
