import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Database, Transaction } from "@/db/client";
import { requireAnotherAdmin } from "@/db/lock-admins";
import { session, user } from "@/db/schema";
import { InvalidInput, NotFound } from "@/lib/errors";
import { type Audited, auditedInput, auditReason, recordAudit, targetId } from "../audit";

export const banInput = auditedInput.extend({
  userId: targetId,
  reason: auditReason,
  banned: z.boolean(),
});

/**
 * Bans a user and deletes their sessions, or lifts the ban. Credits and payments do not change. A
 * resubmitted form (`id`) acts once, even if its action has been undone. Locks the user's row, and for
 * an admin those of all admins.
 * @throws NotFound, InvalidInput if admins ban themselves, LastAdmin, IdempotencyConflict
 */
export async function setBanned(db: Database, ban: Audited<typeof banInput>): Promise<void> {
  const { id, userId, banned, reason, actorId, now } = ban;
  if (userId === actorId) throw new InvalidInput("Admins cannot ban themselves.");
  await db.transaction(async (tx) => {
    if (banned) await requireAnotherAdmin(tx, userId);
    const [found] = await tx
      .select({ banned: user.banned })
      .from(user)
      .where(eq(user.id, userId))
      .for("update");
    if (found === undefined) throw new NotFound("user");
    if (found.banned === banned) return;
    const isNew = await recordAudit(tx, {
      id,
      actorId,
      action: banned ? "user.ban" : "user.unban",
      targetUserId: userId,
      reason,
      before: { banned: found.banned },
      after: { banned },
      now,
    });
    if (!isNew) return;
    await tx
      .update(user)
      .set({ banned, banReason: banned ? reason : null, banExpires: null, updatedAt: now })
      .where(eq(user.id, userId));
    if (banned) await tx.delete(session).where(eq(session.userId, userId));
  });
}

export const endSessionInput = auditedInput.extend({ userId: targetId, sessionId: targetId });

/**
 * Signs a user out on one device. A resubmitted form (`id`) acts once. `signOut` comes from the
 * auth module and rolls back with the record.
 * @throws NotFound if the session is not this user's or has ended, IdempotencyConflict
 */
export async function endSession(
  db: Database,
  { id, userId, sessionId, actorId, now }: Audited<typeof endSessionInput>,
  signOut: (tx: Transaction, device: { userId: string; sessionId: string }) => Promise<void>,
): Promise<void> {
  await db.transaction(async (tx) => {
    const isNew = await recordAudit(tx, {
      id,
      actorId,
      action: "session.end",
      targetUserId: userId,
      before: { sessionId },
      after: { sessionId: null },
      now,
    });
    if (isNew) await signOut(tx, { userId, sessionId });
  });
}
