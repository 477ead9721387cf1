import { and, desc, eq, gt, ne } from "drizzle-orm";
import type { Database, Executor } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import { account, session } from "@/db/schema";
import { NotFound } from "@/lib/errors";

/** A signed-in device. It never includes the session token, which is a credential. */
export interface SignedInDevice {
  readonly id: string;
  readonly userAgent: string | null;
  readonly signedInAt: Date;
}

/** Lists a user's signed-in devices, newest first. Sessions expire in real time: pass it as `at`. */
export async function listDevices(
  reader: Executor,
  { userId, at }: { userId: string; at: Date },
): Promise<SignedInDevice[]> {
  return reader
    .select({ id: session.id, userAgent: session.userAgent, signedInAt: session.createdAt })
    .from(session)
    .where(and(eq(session.userId, userId), gt(session.expiresAt, at)))
    .orderBy(desc(session.createdAt));
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

/** Signs out all of the user's devices except the one with `keepSessionId`. */
export async function signOutOtherDevices(
  db: Database,
  { userId, keepSessionId }: { userId: string; keepSessionId: string },
): Promise<void> {
  await db.delete(session).where(and(eq(session.userId, userId), ne(session.id, keepSessionId)));
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
 * Deletes the sessions and credentials of a deleted account: a sign-in that began before the deletion
 * may have stored them after it. Does nothing for an existing account. Locks the user's row.
 */
export async function deleteSignInsOfDeletedUser(db: Database, userId: string): Promise<void> {
  await db.transaction(async (tx) => {
    const row = await lockUser(tx, userId);
    if (row === null || row.deletedAt === null) return;
    await tx.delete(session).where(eq(session.userId, userId));
    await tx.delete(account).where(eq(account.userId, userId));
  });
}
