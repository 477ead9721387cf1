import type { z } from "zod";
import type { Database, Transaction } from "@/db/client";
import { recordAudit } from "../audit";
import type { endSessionInput } from "../input";

/**
 * Signs one device of a user out, at once, and writes down who did. The same press (`id`) sent again
 * does nothing. How a device is signed out is auth's (`signOut`), and is rolled back with the record.
 * @throws NotFound for a session that is not this user's, or is over
 */
export async function endSession(
  db: Database,
  end: z.output<typeof endSessionInput> & { actorId: string; now: Date },
  signOut: (tx: Transaction, device: { userId: string; sessionId: string }) => Promise<void>,
): Promise<void> {
  const { id, userId, sessionId, actorId, now } = end;
  await db.transaction(async (tx) => {
    const isNew = await recordAudit(tx, {
      ...{ id, actorId, action: "session.end", targetUserId: userId, reason: null, now },
      ...{ before: { sessionId }, after: { sessionId: null } },
    });
    if (isNew) await signOut(tx, { userId, sessionId });
  });
}
