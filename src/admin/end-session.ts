import { and, eq } from "drizzle-orm";
import type { z } from "zod";
import type { Database } from "@/db/client";
import { session } from "@/db/schema";
import { NotFound } from "@/lib/errors";
import { recordAudit } from "./audit";
import type { endSessionInput } from "./input";

/**
 * Signs one device of a user out, at once, and writes down who did. The same press (`id`) sent again
 * does nothing.
 * @throws NotFound for a session that is not this user's, or is over
 */
export async function endSession(
  db: Database,
  end: z.output<typeof endSessionInput> & { actorId: string; now: Date },
): Promise<void> {
  const { id, userId, sessionId, actorId, now } = end;
  await db.transaction(async (tx) => {
    const isNew = await recordAudit(tx, {
      ...{ id, actorId, action: "session.end", targetUserId: userId, reason: null, now },
      ...{ before: { sessionId }, after: { sessionId: null } },
    });
    if (!isNew) return;
    const ended = await tx
      .delete(session)
      .where(and(eq(session.userId, userId), eq(session.id, sessionId)))
      .returning({ id: session.id });
    if (ended.length === 0) throw new NotFound("session");
  });
}
