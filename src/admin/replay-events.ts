import { randomUUID } from "node:crypto";
import { and, asc, eq, gt, or } from "drizzle-orm";
import type { Billing } from "@/billing/context";
import { replayEvent } from "@/billing/replay-event";
import { stripeEvent } from "@/db/schema";
import { NotFound } from "@/lib/errors";
import { completeAudit, recordAudit } from "./audit";
import { type EventStatus, readEvent, statusIs } from "./events";

/**
 * An admin's replay of one event that is dead, ignored or still waiting, written down with what it
 * came to. A handled event stays handled: its effect is there already.
 * @throws NotFound
 */
export async function replayOneEvent(
  billing: Billing,
  { eventId, actorId }: { eventId: string; actorId: string },
): Promise<EventStatus> {
  const event = await readEvent(billing.db, eventId);
  if (event === undefined) throw new NotFound("Stripe event");
  if (event.status === "handled") return event.status;
  const id = randomUUID();
  await recordAudit(billing.db, {
    ...{ id, actorId, action: "event.replay", targetUserId: event.userId, reason: null },
    before: { eventId, status: event.status, attempts: event.attempts },
    after: {},
    now: billing.clock(),
  });
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
 * not tried twice. Stops before `deadlineMs` (of `performance.now()`).
 */
export async function replayDeadEvents(
  billing: Billing,
  { actorId, deadlineMs }: { actorId: string; deadlineMs: number },
): Promise<ReplayTally> {
  const id = randomUUID();
  await recordAudit(billing.db, {
    ...{ id, actorId, action: "event.replay-dead", targetUserId: null, reason: null },
    before: {},
    after: {},
    now: billing.clock(),
  });
  const tally = {
    replayed: 0,
    handled: 0,
    ignored: 0,
    pending: 0,
    dead: 0,
    closed: 0,
    complete: false,
  };
  for (let next = await nextDead(billing, null); ; next = await nextDead(billing, next)) {
    if (next === null) tally.complete = true;
    if (next === null || performance.now() >= deadlineMs) break;
    tally[await replayEvent(billing, next.id)] += 1;
    tally.replayed += 1;
  }
  await completeAudit(billing.db, { id, after: tally });
  return tally;
}

interface Place {
  readonly receivedAt: Date;
  readonly id: string;
}

async function nextDead({ db }: Billing, after: Place | null): Promise<Place | null> {
  const { receivedAt, id } = stripeEvent;
  const [next] = await db
    .select({ receivedAt, id })
    .from(stripeEvent)
    .where(
      and(
        statusIs("dead"),
        after === null
          ? undefined
          : or(
              gt(receivedAt, after.receivedAt),
              and(eq(receivedAt, after.receivedAt), gt(id, after.id)),
            ),
      ),
    )
    .orderBy(asc(receivedAt), asc(id))
    .limit(1);
  return next ?? null;
}
