import { subDays } from "date-fns";
import { and, asc, eq, isNull, lt, or, type SQL, sql } from "drizzle-orm";
import type { Database, Transaction } from "@/db/client";
import { stripeEvent } from "@/db/schema";
import { storableJson, storableText } from "@/lib/storable-text";

export const EVENT_RETENTION_DAYS = 90;
const BATCH_SIZE = 200;

/**
 * Deletes the raw bodies of handled, ignored and closed events 90 days after they were received, and
 * cuts their payloads to the envelope and ids. Pending and dead events keep both. Returns whether it
 * finished before `deadlineMs` (of `performance.now()`). Skips events that another transaction has
 * locked.
 */
export async function trimEvents(
  db: Database,
  { now, deadlineMs }: { now: Date; deadlineMs: number },
): Promise<boolean> {
  const before = subDays(now, EVENT_RETENTION_DAYS);
  // A literal, because parameters would not match the partial index.
  const isClosed = sql`status in ('handled', 'ignored', 'closed')`;
  while (performance.now() < deadlineMs) {
    const trimmed = await db.transaction(async (tx) => {
      const due = await tx
        .select({ id: stripeEvent.id, payload: stripeEvent.payload })
        .from(stripeEvent)
        .where(and(isNull(stripeEvent.trimmedAt), isClosed, lt(stripeEvent.receivedAt, before)))
        .orderBy(asc(stripeEvent.receivedAt))
        .limit(BATCH_SIZE)
        .for("update", { skipLocked: true });
      await trimAll(tx, due, now);
      return due.length;
    });
    if (trimmed < BATCH_SIZE) return true;
  }
  return false;
}

/**
 * Trims every event of an account that is being deleted, also pending and dead ones: a replay needs
 * only the ids. Finds the events that were handled for the user, and those without an owner that name
 * the user's customer. Later events are trimmed when they are stored and when they are closed.
 */
export async function trimEventsOfUser(
  tx: Transaction,
  { userId, customerId, now }: { userId: string; customerId: string | null; now: Date },
): Promise<void> {
  const ofCustomer =
    customerId === null
      ? undefined
      : or(
          eq(stripeEvent.objectId, customerId),
          and(isNull(stripeEvent.userId), eq(customerOfEvent, customerId)),
        );
  const found = await tx
    .select({ id: stripeEvent.id, payload: stripeEvent.payload })
    .from(stripeEvent)
    .where(and(isNull(stripeEvent.trimmedAt), or(eq(stripeEvent.userId, userId), ofCustomer)))
    .orderBy(asc(stripeEvent.id))
    .for("update");
  await trimAll(tx, found, now);
}

/**
 * What to store of an event that arrives: all of it, or only the ids if it is about the customer or a
 * payment of a deleted account. The database decides in the inserting statement.
 */
export function bodyToStore({
  payload,
  rawBody,
  now,
}: {
  payload: unknown;
  rawBody: Buffer;
  now: Date;
}): { payload: unknown; rawBody: Buffer | SQL | null; trimmedAt: SQL | null } {
  const isOfDeleted = namesDeletedAccount(payload);
  if (isOfDeleted === null) return { payload, rawBody, trimmedAt: null };
  const [whole, trimmed] = [payload, trimPayload(payload)].map(storableJson);
  return {
    payload: sql`case when ${isOfDeleted} then ${trimmed}::jsonb else ${whole}::jsonb end`,
    rawBody: sql`case when ${isOfDeleted} then null else ${rawBody}::bytea end`,
    trimmedAt: sql`case when ${isOfDeleted} then ${now.toISOString()}::timestamptz end`,
  };
}

/** The same when an event is closed: its owner may have deleted their account since it arrived. */
export function bodyToKeep({
  payload,
  userId,
  now,
}: {
  payload: unknown;
  userId: string | null;
  now: Date;
}): { payload?: SQL; rawBody?: SQL; trimmedAt?: SQL } {
  const isOfDeleted = or(
    namesDeletedAccount(payload) ?? undefined,
    userId === null ? undefined : sql`exists (${deletedUser} and id = ${userId})`,
  );
  if (isOfDeleted === undefined) return {};
  const trimmed = storableJson(trimPayload(payload));
  return {
    payload: sql`case when ${isOfDeleted} then ${trimmed}::jsonb else ${stripeEvent.payload} end`,
    rawBody: sql`case when ${isOfDeleted} then null else ${stripeEvent.rawBody} end`,
    trimmedAt: sql`case when ${isOfDeleted} then ${now.toISOString()}::timestamptz else ${stripeEvent.trimmedAt} end`,
  };
}

const deletedUser = sql`select from "user" where deleted_at is not null`;

/** Null if the object of the event names neither a customer nor a payment. */
function namesDeletedAccount(payload: unknown): SQL | null {
  const { id, object, customer, payment_intent: intent } = objectOf(payload);
  const customerId = customer ?? (object === "customer" ? id : undefined);
  if (customerId !== undefined)
    return sql`exists (${deletedUser} and stripe_customer_id = ${storableText(customerId)})`;
  if (intent === undefined) return null;
  return sql`exists (${deletedUser} and id in
    (select user_id from payment where payment_intent_id = ${storableText(intent)}))`;
}

/** The texts of the event's object, by name. */
function objectOf(payload: unknown): Partial<Record<string, string>> {
  const { data } = Object.fromEntries(fieldsOf(payload));
  const { object } = Object.fromEntries(fieldsOf(data));
  return Object.fromEntries(
    fieldsOf(object).filter((field): field is [string, string] => typeof field[1] === "string"),
  );
}

async function trimAll(
  tx: Transaction,
  events: readonly { id: string; payload: unknown }[],
  now: Date,
): Promise<void> {
  await Promise.all(
    events.map(({ id, payload }) =>
      tx
        .update(stripeEvent)
        .set({ rawBody: null, payload: trimPayload(payload), trimmedAt: now, lastError: null })
        .where(eq(stripeEvent.id, id)),
    ),
  );
}

/** The customer that an event's object names. As in the index `stripe_event_customer`. */
const customerOfEvent = sql<string>`(${stripeEvent.payload} #>> '{data,object,customer}')`;

const ENVELOPE = ["id", "object", "type", "api_version", "created", "livemode", "account"];
/** Fields that hold an id, or an expanded object with one. */
const REFERENCES = [
  "balance_transaction",
  "charge",
  "customer",
  "dispute",
  "invoice",
  "latest_charge",
  "latest_invoice",
  "payment_intent",
  "refund",
  "schedule",
  "setup_intent",
  "subscription",
];
/** Objects without an id that hold references. */
const CONTAINERS = ["parent", "subscription_details"];
const STRIPE_ID = /^[A-Za-z]+_\w+$/;

/** Keeps what handlers and the console read: the envelope, and the ids of the object. */
function trimPayload(payload: unknown): unknown {
  const envelope = fieldsOf(payload).filter(([name]) => ENVELOPE.includes(name));
  const data = Object.fromEntries(fieldsOf(payload)).data;
  return {
    ...Object.fromEntries(envelope.filter(([, value]) => typeof value !== "object")),
    data: { object: idsOf(Object.fromEntries(fieldsOf(data)).object) },
  };
}

function idsOf(object: unknown): object {
  const kept = fieldsOf(object).flatMap(([name, value]): [string, unknown][] => {
    const isReference = name === "id" || REFERENCES.includes(name);
    if (name === "object" && typeof value === "string") return [[name, value]];
    if (isReference && typeof value === "string")
      return STRIPE_ID.test(value) ? [[name, value]] : [];
    return isReference || CONTAINERS.includes(name) ? [[name, idsOf(value)]] : [];
  });
  return Object.fromEntries(kept.filter(([, value]) => !isEmpty(value)));
}

function fieldsOf(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null ? Object.entries(value) : [];
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && fieldsOf(value).length === 0;
}
