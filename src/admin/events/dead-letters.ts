import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import type { BillingDeps } from "@/billing/deps";
import { replayEvent } from "@/billing/inbox/retry-events";
import type { Database } from "@/db/client";
import { stripeEvent } from "@/db/schema";
import { InvalidInput, NotFound } from "@/lib/errors";
import {
  type Audited,
  auditedInput,
  auditReason,
  completeAudit,
  recordAudit,
  targetId,
} from "../audit";
import { enumEquals } from "../lists/conditions";
import { type Cursor, keysetPage } from "../lists/keyset";
import { EVENTS_ORDER, type EventStatus, readEvent } from "./events";

export const replayInput = auditedInput.extend({ eventId: targetId });

/**
 * Replays one event that is dead, ignored or pending and audits the outcome. A handled event stays
 * handled. A resubmitted form (`id`) acts once. Returns the event's status afterwards.
 * @throws NotFound, IdempotencyConflict
 */
export async function replayOneEvent(
  billing: BillingDeps,
  { id, eventId, actorId }: z.output<typeof replayInput> & { actorId: string },
): Promise<EventStatus> {
  const event = await readEvent(billing.db, eventId);
  if (event === undefined) throw new NotFound("Stripe event");
  if (event.status === "handled") return event.status;
  const isNew = await recordAudit(billing.db, {
    id,
    actorId,
    action: "event.replay",
    targetUserId: event.userId,
    before: { eventId, status: event.status, attempts: event.attempts },
    now: billing.clock(),
  });
  if (!isNew) return event.status;
  const status = await replayEvent(billing, eventId);
  await completeAudit(billing.db, { id, after: { status } });
  return status;
}

export interface ReplayTally {
  readonly replayed: number;
  readonly handled: number;
  readonly ignored: number;
  readonly pending: number;
  readonly dead: number;
  /** Closed by an admin while the replay was running. */
  readonly closed: number;
  /** False if the deadline came first; another replay continues. */
  readonly complete: boolean;
}

/**
 * Replays every dead event once, oldest first. An event that dies again is not retried. Stops at
 * `deadlineMs` (of `performance.now()`). Returns null if the same form (`id`) was sent before.
 * @throws IdempotencyConflict
 */
export async function replayDeadEvents(
  billing: BillingDeps,
  {
    id,
    actorId,
    deadlineMs,
  }: z.output<typeof auditedInput> & { actorId: string; deadlineMs: number },
): Promise<ReplayTally | null> {
  const now = billing.clock();
  const isNew = await recordAudit(billing.db, { id, actorId, action: "event.replay-dead", now });
  if (!isNew) return null;
  const tally = {
    replayed: 0,
    handled: 0,
    ignored: 0,
    pending: 0,
    dead: 0,
    closed: 0,
    complete: false,
  };
  for (let next = await nextDead(billing, BEFORE_ALL); ; next = await nextDead(billing, next)) {
    if (next === null) tally.complete = true;
    if (next === null || performance.now() >= deadlineMs) break;
    tally[await replayEvent(billing, next.id)] += 1;
    tally.replayed += 1;
  }
  await completeAudit(billing.db, { id, after: tally });
  return tally;
}

const BEFORE_ALL: Cursor = { at: "-infinity", id: "" };

/** The next newer dead event. Each call is one seek in the index of dead events. */
async function nextDead({ db }: BillingDeps, after: Cursor): Promise<Cursor | null> {
  const { cursorAt, pastCursor, orderBy } = keysetPage(EVENTS_ORDER, { newer: after });
  const [next] = await db
    .select({ at: cursorAt, id: stripeEvent.id })
    .from(stripeEvent)
    .where(and(enumEquals(stripeEvent.status, "dead"), pastCursor))
    .orderBy(...orderBy)
    .limit(1);
  return next ?? null;
}

export const closeEventInput = replayInput.extend({ reason: auditReason });

/**
 * Closes a dead event permanently, with a reason, so that it raises no more alerts. It stays in the
 * inbox. A resubmitted form (`id`) acts once. Locks the event.
 * @throws NotFound, InvalidInput if the event is not dead, IdempotencyConflict
 */
export async function closeDeadEvent(
  db: Database,
  { id, eventId, reason, actorId, now }: Audited<typeof closeEventInput>,
): Promise<void> {
  await db.transaction(async (tx) => {
    const hasId = eq(stripeEvent.id, eventId);
    const [event] = await tx.select().from(stripeEvent).where(hasId).for("update");
    if (event === undefined) throw new NotFound("Stripe event");
    if (event.status === "closed") return;
    const { outcome, status, attempts, userId: targetUserId } = event;
    const isNew = await recordAudit(tx, {
      id,
      actorId,
      action: "event.close",
      targetUserId,
      reason,
      before: { eventId, status, attempts, outcome },
      after: { status: "closed" },
      now,
    });
    if (!isNew) return;
    if (status !== "dead") throw new InvalidInput("Only a dead event can be closed.");
    await tx.update(stripeEvent).set({ status: "closed", outcome: reason }).where(hasId);
  });
}
