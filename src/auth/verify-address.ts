import { and, eq, inArray, isNull, ne } from "drizzle-orm";
import type { Database, Transaction } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import { account, apikey, apiService, passkey, session, twoFactor, user } from "@/db/schema";
import { raiseEpoch } from "./credentials-epoch";
import { forgetTrustedDevices } from "./sessions";

/** What took part in the proof of an address, and so stays. */
interface Kept {
  /** The session of the browser that opened the link. */
  readonly sessionId?: string;
  /** `password`: the one that a reset has just set. Defaults to none. */
  readonly credentials?: "all" | "password";
}

/**
 * Marks a user's address as verified, and deletes the sessions, passwords, social accounts, passkeys,
 * authenticator apps and API keys that did not take part in the proof: someone else may have signed up with the address.
 * Sign-ins that are under way fail.
 * Returns false, and changes nothing, if the address was verified before or the account is deleted.
 * Locks the user's row.
 */
export async function verifyAddress(
  db: Database,
  { userId, keep = {}, now }: { userId: string; keep?: Kept; now: Date },
): Promise<boolean> {
  const { sessionId, credentials } = keep;
  return db.transaction(async (tx) => {
    const owner = await lockUser(tx, userId);
    if (owner === null || owner.deletedAt !== null || owner.emailVerified) return false;
    await tx.update(user).set({ emailVerified: true, updatedAt: now }).where(eq(user.id, userId));
    await raiseEpoch(tx, userId);
    const isOther = sessionId === undefined ? undefined : ne(session.id, sessionId);
    await tx.delete(session).where(and(eq(session.userId, userId), isOther));
    if (credentials !== "all") {
      const isSocial = credentials && ne(account.providerId, "credential");
      await tx.delete(account).where(and(eq(account.userId, userId), isSocial));
      await tx.delete(twoFactor).where(eq(twoFactor.userId, userId));
      await tx.delete(passkey).where(eq(passkey.userId, userId));
      await endApiKeys(tx, { userId, now });
      // Also ends a change of the address that waits for its link.
      await forgetTrustedDevices(tx, userId);
      await tx.update(user).set({ twoFactorEnabled: false }).where(eq(user.id, userId));
    }
    return true;
  });
}

async function endApiKeys(
  tx: Transaction,
  { userId, now }: { userId: string; now: Date },
): Promise<void> {
  const ofUser = eq(apiService.userId, userId);
  const services = tx.select({ id: apiService.id }).from(apiService).where(ofUser);
  await tx.delete(apikey).where(inArray(apikey.referenceId, services));
  await tx
    .update(apiService)
    .set({ revokedAt: now })
    .where(and(ofUser, isNull(apiService.revokedAt)));
}
