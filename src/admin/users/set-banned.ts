import { eq } from "drizzle-orm";
import type { z } from "zod";
import type { Database } from "@/db/client";
import { session, user } from "@/db/schema";
import { InvalidInput, NotFound } from "@/lib/errors";
import { recordAudit } from "../audit";
import type { banInput } from "../input";

/**
 * Bans a user, which ends their sessions at once, or lifts the ban; written down with the reason.
 * Their credits and payments stay as they are. The same form (`id`) acts once, also after an undo.
 * Locks the user's row.
 * @throws NotFound, InvalidInput (nobody bans themselves), IdempotencyConflict
 */
export async function setBanned(
  db: Database,
  ban: z.output<typeof banInput> & { actorId: string; now: Date },
): Promise<void> {
  const { id, userId, banned, reason, actorId, now } = ban;
  if (userId === actorId) throw new InvalidInput("Nobody bans themselves.");
  await db.transaction(async (tx) => {
    const [found] = await tx
      .select({ banned: user.banned })
      .from(user)
      .where(eq(user.id, userId))
      .for("update");
    if (found === undefined) throw new NotFound("user");
    if (found.banned === banned) return;
    const isNew = await recordAudit(tx, {
      ...{ id, actorId, targetUserId: userId, reason, now },
      action: banned ? "user.ban" : "user.unban",
      before: { banned: found.banned },
      after: { banned },
    });
    if (!isNew) return;
    await tx
      .update(user)
      .set({ banned, banReason: banned ? reason : null, banExpires: null, updatedAt: now })
      .where(eq(user.id, userId));
    if (banned) await tx.delete(session).where(eq(session.userId, userId));
  });
}
