import { and } from "drizzle-orm";
import type { z } from "zod";
import type { BillingDeps } from "@/billing/deps";
import { replayEvent } from "@/billing/inbox/replay-event";
import { stripeEvent } from "@/db/schema";
import { NotFound } from "@/lib/errors";
import { completeAudit, recordAudit } from "../audit";
import type { eventInput, pressInput } from "../input";
import { isEnum } from "../lists/is-enum";
import { type Cursor, keysetPage } from "../lists/keyset";
import { EVENTS_ORDER, type EventStatus, readEvent } from "./events";

/**
 * An admin's replay of one event that is dead, ignored or still waiting, written down with what it
 * came to. A handled event stays handled: its effect is there already. The same press (`id`) sent
 * again only answers the status.
 * @throws NotFound, IdempotencyConflict
 */
export async function replayOneEvent(
  billing: BillingDeps,
  { id, eventId, actorId }: z.output<typeof eventInput> & { actorId: string },
): Promise<EventStatus> {
  const event = await readEvent(billing.db, eventId);
  if (event === undefined) throw new NotFound("Stripe event");
  if (event.status === "handled") return event.status;
  const isNew = await recordAudit(billing.db, {
    ...{ id, actorId, action: "event.replay", targetUserId: event.userId, reason: null },
    before: { eventId, status: event.status, attempts: event.attempts },
    after: {},
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
  /** By an admin, between its turn and its replay. */
  readonly closed: number;
  /** False when the time was up first: replay again to go on. */
  readonly complete: boolean;
}

/**
 * Replays the dead-letter queue once, oldest first, as Stripe sent it. An event that dies again is
 * not tried twice. Stops before `deadlineMs` (of `performance.now()`). The same press (`id`) sent again
 * replays nothing and answers null.
 * @throws IdempotencyConflict
 */
export async function replayDeadEvents(
  billing: BillingDeps,
  {
    id,
    actorId,
    deadlineMs,
  }: z.output<typeof pressInput> & { actorId: string; deadlineMs: number },
): Promise<ReplayTally | null> {
  const isNew = await recordAudit(billing.db, {
    ...{ id, actorId, action: "event.replay-dead", targetUserId: null, reason: null },
    before: {},
    after: {},
    now: billing.clock(),
  });
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

/** The admin's list backward, along the index of dead events; each one is a seek. */
async function nextDead({ db }: BillingDeps, after: Cursor): Promise<Cursor | null> {
  const { cursorAt, beyond, orderBy } = keysetPage(EVENTS_ORDER, { newer: after });
  const [next] = await db
    .select({ at: cursorAt, id: stripeEvent.id })
    .from(stripeEvent)
    .where(and(isEnum(stripeEvent.status, "dead"), beyond))
    .orderBy(...orderBy)
    .limit(1);
  return next ?? null;
}
