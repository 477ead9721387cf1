import type { z } from "zod";
import { unfreezeAccount } from "@/credits/reconcile";
import type { Database } from "@/db/client";
import { NotFound } from "@/lib/errors";
import { recordAudit } from "./audit";
import type { unfreezeInput } from "./input";
import { findUser } from "./user";

/**
 * Lets a frozen account spend again after an admin has looked at its books, and writes down who and
 * why. An account that is not frozen stays as it is, without a record.
 * @throws NotFound
 */
export async function unfreezeUserAccount(
  db: Database,
  unfreeze: z.output<typeof unfreezeInput> & { actorId: string; now: Date },
): Promise<void> {
  const { id, userId, reason, actorId, now } = unfreeze;
  await db.transaction(async (tx) => {
    const found = await findUser(tx, userId);
    if (found === undefined) throw new NotFound("user");
    if (found.frozenAt === null) return;
    await recordAudit(tx, {
      ...{ id, actorId, action: "account.unfreeze", targetUserId: userId, reason, now },
      before: { frozenAt: found.frozenAt.toISOString(), frozenReason: found.frozenReason },
      after: { frozenAt: null },
    });
    await unfreezeAccount(tx, { userId, now });
  });
}
