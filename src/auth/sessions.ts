import { and, desc, eq, gt, ne, sql } from "drizzle-orm";
import type { Database, Executor } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import { account, passkey, session, twoFactor, verification } from "@/db/schema";
import { machineNow } from "@/lib/clock";
import { NotFound } from "@/lib/errors";
import { isLastUseStale, type SessionTimes } from "./session-rules";

/** A signed-in device. It never includes the session token, which is a credential. */
export interface SignedInDevice {
  readonly id: string;
  readonly userAgent: string | null;
  readonly signedInAt: Date;
  /** At most ten minutes late. */
  readonly lastUsedAt: Date;
}

/** Lists a user's signed-in devices, last used first. */
export async function listDevices(reader: Executor, userId: string): Promise<SignedInDevice[]> {
  const rows = await reader
    .select()
    .from(session)
    .where(and(eq(session.userId, userId), gt(session.expiresAt, machineNow())))
    .orderBy(desc(sql`coalesce(${session.lastUsedAt}, ${session.createdAt})`));
  return rows.map(({ id, userAgent, createdAt, lastUsedAt }) => ({
    id,
    userAgent,
    signedInAt: createdAt,
    lastUsedAt: lastUsedAt ?? createdAt,
  }));
}

/** Stores that a session is in use, at most once in ten minutes. */
export async function storeLastUse(
  db: Database,
  sessionId: string,
  times: SessionTimes,
): Promise<void> {
  const at = machineNow();
  if (!isLastUseStale(times, at)) return;
  await db.update(session).set({ lastUsedAt: at }).where(eq(session.id, sessionId));
}

/** Ends a session. Does nothing if it has ended. */
export async function endSession(db: Database, sessionId: string): Promise<void> {
  await db.delete(session).where(eq(session.id, sessionId));
}

/** Signs out one of the user's devices. Throws `NotFound` if the session is not theirs. */
export async function signOutDevice(
  db: Executor,
  { userId, sessionId }: { userId: string; sessionId: string },
): Promise<void> {
  const ended = await db
    .delete(session)
    .where(and(eq(session.userId, userId), eq(session.id, sessionId)))
    .returning({ id: session.id });
  if (ended.length === 0) throw new NotFound("session");
}

/** Signs out all of the user's devices except the one with `keepSessionId`, and trusts none of them. */
export async function signOutOtherDevices(
  db: Database,
  { userId, keepSessionId }: { userId: string; keepSessionId: string },
): Promise<void> {
  await db.delete(session).where(and(eq(session.userId, userId), ne(session.id, keepSessionId)));
  await forgetTrustedDevices(db, userId);
}

/**
 * Ends the trust in every device of a user, and with it unused reset links and unfinished sign-ins:
 * better-auth stores all of them as tokens of the user.
 */
export async function forgetTrustedDevices(db: Executor, userId: string): Promise<void> {
  await db.delete(verification).where(eq(verification.value, userId));
}

/** True if the user has a password. A user who signed up with Google or GitHub has none. */
export async function hasPassword(reader: Executor, userId: string): Promise<boolean> {
  const rows = await reader
    .select({ id: account.id })
    .from(account)
    .where(and(eq(account.userId, userId), eq(account.providerId, "credential")));
  return rows.length > 0;
}

/**
 * Deletes the sessions, credentials and second factors of a deleted account: a sign-in that began before
 * the deletion may have stored them after it. Does nothing for an existing account. Locks the user's row.
 */
export async function deleteSignInsOfDeletedUser(db: Database, userId: string): Promise<void> {
  await db.transaction(async (tx) => {
    const row = await lockUser(tx, userId);
    if (row === null || row.deletedAt === null) return;
    await tx.delete(session).where(eq(session.userId, userId));
    await tx.delete(account).where(eq(account.userId, userId));
    await tx.delete(twoFactor).where(eq(twoFactor.userId, userId));
    await tx.delete(passkey).where(eq(passkey.userId, userId));
  });
}
