import { and, asc, eq } from "drizzle-orm";
import type { Database, Executor } from "@/db/client";
import { lockUndeletedUser } from "@/db/lock-user";
import { passkey } from "@/db/schema";
import { machineNow } from "@/lib/clock";
import { NotFound, ProofRequired } from "@/lib/errors";
import { hasSecondFactor } from "../second-factors";
import { isProven, type SessionTimes } from "../session-rules";
import { type RequestDevice, recordPasskeyChange } from "../sign-in-events";

/** A passkey without its key. */
export interface Passkey {
  readonly id: string;
  readonly name: string | null;
  /** Copied to the user's other devices by the provider of the passkey. */
  readonly isSynced: boolean;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
}

/** Lists a user's passkeys, oldest first. */
export async function listPasskeys(reader: Executor, userId: string): Promise<Passkey[]> {
  return reader
    .select({
      id: passkey.id,
      name: passkey.name,
      isSynced: passkey.backedUp,
      createdAt: passkey.createdAt,
      lastUsedAt: passkey.lastUsedAt,
    })
    .from(passkey)
    .where(eq(passkey.userId, userId))
    .orderBy(asc(passkey.createdAt), asc(passkey.id));
}

/** Renames a passkey of the user. Locks the user's row. Throws `NotFound` if it is not theirs. */
export async function renamePasskey(
  db: Database,
  { userId, passkeyId, name }: { userId: string; passkeyId: string; name: string },
): Promise<void> {
  await db.transaction(async (tx) => {
    await lockUndeletedUser(tx, userId);
    const renamed = await tx
      .update(passkey)
      .set({ name })
      .where(and(eq(passkey.userId, userId), eq(passkey.id, passkeyId)))
      .returning({ id: passkey.id });
    if (renamed.length === 0) throw new NotFound("passkey");
  });
}

/**
 * Removes a passkey of the user, records it and emails the owner. The session must have confirmed a second
 * factor in the last 15 minutes. Locks the user's row.
 * @throws ProofRequired, or NotFound if the passkey is not theirs
 */
export async function removePasskey(
  db: Database,
  {
    userId,
    passkeyId,
    session,
    now,
    ...device
  }: RequestDevice & { userId: string; passkeyId: string; session: SessionTimes; now: Date },
): Promise<void> {
  await db.transaction(async (tx) => {
    const owner = await lockUndeletedUser(tx, userId);
    const hasFactor = await hasSecondFactor(tx, userId);
    if (!isProven(session, { hasSecondFactor: hasFactor, at: machineNow() })) {
      throw new ProofRequired();
    }
    const removed = await tx
      .delete(passkey)
      .where(and(eq(passkey.userId, userId), eq(passkey.id, passkeyId)))
      .returning({ id: passkey.id });
    if (owner === null || removed.length === 0) throw new NotFound("passkey");
    await recordPasskeyChange(tx, { ...device, owner, kind: "passkey-removed", at: now });
  });
}
