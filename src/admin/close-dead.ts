import { eq } from "drizzle-orm";
import type { z } from "zod";
import type { Database } from "@/db/client";
import { outbox, stripeEvent } from "@/db/schema";
import { InvalidInput, NotFound } from "@/lib/errors";
import { recordAudit } from "./audit";
import type { closeEventInput, closeOutboxInput } from "./input";

interface Closer {
  readonly actorId: string;
  readonly now: Date;
}

/**
 * Closes a dead Stripe event that is beyond help, for good and with a reason, so that it raises no
 * alarm any more; it stays in the inbox. The same form (`id`) acts once, also when the event was
 * replayed and died again since; what is closed stays as it is. Locks the event.
 * @throws NotFound, InvalidInput when the event is not dead, IdempotencyConflict
 */
export async function closeDeadEvent(
  db: Database,
  { id, eventId, reason, actorId, now }: z.output<typeof closeEventInput> & Closer,
): Promise<void> {
  await db.transaction(async (tx) => {
    const is = eq(stripeEvent.id, eventId);
    const [event] = await tx.select().from(stripeEvent).where(is).for("update");
    if (event === undefined) throw new NotFound("Stripe event");
    if (event.status === "closed") return;
    const { outcome, status, attempts, userId: targetUserId } = event;
    const isNew = await recordAudit(tx, {
      ...{ id, actorId, action: "event.close", targetUserId, reason, now },
      before: { eventId, status, attempts, outcome },
      after: { status: "closed" },
    });
    if (!isNew) return;
    requireDead(status);
    await tx.update(stripeEvent).set({ status: "closed", outcome: reason }).where(is);
  });
}

/**
 * The same for an e-mail, a call to Stripe or an alert that was given up. Locks the entry.
 * @throws NotFound, InvalidInput when the entry is not dead, IdempotencyConflict
 */
export async function closeDeadOutbox(
  db: Database,
  { id, outboxId, reason, actorId, now }: z.output<typeof closeOutboxInput> & Closer,
): Promise<void> {
  await db.transaction(async (tx) => {
    const is = eq(outbox.id, outboxId);
    const [row] = await tx.select().from(outbox).where(is).for("update");
    if (row === undefined) throw new NotFound("outbox entry");
    if (row.status === "closed") return;
    const { idempotencyKey: key, status, attempts, lastError, userId: targetUserId } = row;
    const isNew = await recordAudit(tx, {
      ...{ id, actorId, action: "outbox.close", targetUserId, reason, now },
      before: { key, status, attempts, lastError },
      after: { status: "closed" },
    });
    if (!isNew) return;
    requireDead(status);
    await tx.update(outbox).set({ status: "closed" }).where(is);
  });
}

/** Throwing takes the record back with it. */
function requireDead(status: string): void {
  if (status !== "dead") throw new InvalidInput("Only what was given up can be closed.");
}
