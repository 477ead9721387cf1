import { and, desc, eq, gt, ne } from "drizzle-orm";
import type { Database, Executor } from "@/db/client";
import { account, session } from "@/db/schema";
import { NotFound } from "@/lib/errors";

/** A device that is signed in. Never its token: whoever has that is signed in too. */
export interface SignedInDevice {
  readonly id: string;
  readonly userAgent: string | null;
  readonly signedInAt: Date;
}

/** Where a person is signed in, newest first. Sessions expire in real time, so `at` is that. */
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

/** Signs one device of this user out. Throws `NotFound` for a session that is not theirs. */
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

/** Signs all devices out but the one that asks. */
export async function signOutOtherDevices(
  db: Database,
  { userId, keepSessionId }: { userId: string; keepSessionId: string },
): Promise<void> {
  await db.delete(session).where(and(eq(session.userId, userId), ne(session.id, keepSessionId)));
}

/** Whether the person has a password; who came through Google or GitHub has none. */
export async function hasPassword(reader: Executor, userId: string): Promise<boolean> {
  const rows = await reader
    .select({ id: account.id })
    .from(account)
    .where(and(eq(account.userId, userId), eq(account.providerId, "credential")));
  return rows.length > 0;
}
