import { subDays } from "date-fns";
import { and, asc, eq, isNull, lt, sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { stripeEvent } from "@/db/schema";

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
      await Promise.all(
        due.map(({ id, payload }) =>
          tx
            .update(stripeEvent)
            .set({ rawBody: null, payload: trimPayload(payload), trimmedAt: now })
            .where(eq(stripeEvent.id, id)),
        ),
      );
      return due.length;
    });
    if (trimmed < BATCH_SIZE) return true;
  }
  return false;
}

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
