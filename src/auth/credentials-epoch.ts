import type { GenericEndpointContext } from "better-auth";
import { APIError } from "better-auth/api";
import { and, eq, ne, sql } from "drizzle-orm";
import type { Database, Executor, Transaction } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import { account, passkey, session, twoFactor, user } from "@/db/schema";

/*
 * better-auth checks a credential and opens the session in separate transactions. If the credential ends
 * between the two, the session would outlive it. So each user has an epoch, which rises when credentials
 * end. A request remembers it before better-auth reads a credential, and what the request has stored is
 * deleted if the epoch has risen since.
 */

interface Epoch {
  readonly userId: string;
  readonly epoch: number;
}

const remembered = new WeakMap<Request, Epoch>();

/**
 * Remembers the epoch of the user whose credentials a request states. Must run before anything else in
 * the request reads the session or a credential.
 */
export async function rememberEpoch(db: Database, context: GenericEndpointContext): Promise<void> {
  const { request, path } = context;
  if (request === undefined || path === undefined) return;
  const found = await epochOf(db, context);
  if (found !== null) remembered.set(request, found);
}

/** Ends the sign-ins that are under way. The caller has locked the user's row and ends the credentials. */
export async function raiseEpoch(tx: Transaction, userId: string): Promise<void> {
  await tx
    .update(user)
    .set({ credentialsEpoch: sql`${user.credentialsEpoch} + 1` })
    .where(eq(user.id, userId));
}

/** After a new password: ends the user's sessions, except one, and the sign-ins that are under way. */
export async function endOlderSessions(
  db: Database,
  { userId, keepSessionId }: { userId: string; keepSessionId: string | null },
): Promise<void> {
  await db.transaction(async (tx) => {
    if ((await lockUser(tx, userId)) === null) return;
    await raiseEpoch(tx, userId);
    const isOther = keepSessionId === null ? undefined : ne(session.id, keepSessionId);
    await tx.delete(session).where(and(eq(session.userId, userId), isOther));
  });
}

/**
 * Deletes a new session if its credential has ended since the request began. Locks the user's row.
 * @throws APIError 401 SESSION_ENDED
 */
export async function refuseOutdatedSession(
  db: Database,
  created: { id: string; userId: string },
  context: GenericEndpointContext | null,
): Promise<void> {
  if (!context) return;
  const { userId } = created;
  const isOutdated = await db.transaction(async (tx) => {
    if (await isCurrent(tx, userId, context)) return false;
    await tx.delete(session).where(eq(session.id, created.id));
    // The request may have turned two-factor authentication on after its secret was deleted.
    const hasApp = tx.select({ one: sql`1` }).from(twoFactor).where(eq(twoFactor.userId, userId));
    await tx
      .update(user)
      .set({ twoFactorEnabled: false })
      .where(and(eq(user.id, userId), sql`not exists ${hasApp}`));
    return true;
  });
  if (isOutdated) throw sessionEnded();
}

/**
 * Deletes a new passkey if the session that added it has ended since the request began. Locks the user's
 * row.
 * @throws APIError 401 SESSION_ENDED
 */
export async function refuseOutdatedPasskey(
  db: Database,
  created: { credentialId: string; userId: string },
  context: GenericEndpointContext,
): Promise<void> {
  const isOutdated = await db.transaction(async (tx) => {
    if (await isCurrent(tx, created.userId, context)) return false;
    await tx.delete(passkey).where(eq(passkey.credentialID, created.credentialId));
    return true;
  });
  if (isOutdated) throw sessionEnded();
}

async function isCurrent(
  tx: Transaction,
  userId: string,
  context: GenericEndpointContext,
): Promise<boolean> {
  const owner = await lockUser(tx, userId);
  if (owner === null) return true;
  const before = context.request && remembered.get(context.request);
  if (before) return before.userId === userId && before.epoch === owner.credentialsEpoch;
  // The user of a callback is known only after the provider has named the account.
  const provider: unknown = context.path === "/callback/:id" ? context.params?.id : undefined;
  if (typeof provider === "string") {
    const links = and(eq(account.userId, userId), eq(account.providerId, provider));
    return (await tx.$count(account, links)) > 0;
  }
  return context.request === undefined || context.path === "/sign-up/email";
}

/** One statement each, so that the epoch is as old as what it belongs to. */
async function epochOf(reader: Executor, context: GenericEndpointContext): Promise<Epoch | null> {
  const { path, body } = context;
  if (path === "/sign-in/email") {
    const email: unknown = body?.email;
    return typeof email === "string" ? ofUser(reader, "email", email.trim().toLowerCase()) : null;
  }
  if (path === "/passkey/verify-authentication") {
    const id: unknown = body?.response?.id;
    return typeof id === "string" ? ofPasskey(reader, id) : null;
  }
  const { secret, authCookies, internalAdapter } = context.context;
  const token = await context.getSignedCookie(authCookies.sessionToken.name, secret);
  const ofCaller = token ? await ofSession(reader, token) : null;
  if (ofCaller !== null || !path?.startsWith("/two-factor/")) return ofCaller;
  const { name } = context.context.createAuthCookie("two_factor");
  const challenge = await context.getSignedCookie(name, secret);
  const stored = challenge ? await internalAdapter.findVerificationValue(challenge) : null;
  return stored ? ofUser(reader, "id", stored.value) : null;
}

const EPOCH = { userId: user.id, epoch: user.credentialsEpoch };

async function ofUser(reader: Executor, by: "id" | "email", value: string): Promise<Epoch | null> {
  const [row] = await reader.select(EPOCH).from(user).where(eq(user[by], value));
  return row ?? null;
}

async function ofPasskey(reader: Executor, credentialId: string): Promise<Epoch | null> {
  const [row] = await reader
    .select(EPOCH)
    .from(passkey)
    .innerJoin(user, eq(user.id, passkey.userId))
    .where(eq(passkey.credentialID, credentialId));
  return row ?? null;
}

async function ofSession(reader: Executor, token: string): Promise<Epoch | null> {
  const [row] = await reader
    .select(EPOCH)
    .from(session)
    .innerJoin(user, eq(user.id, session.userId))
    .where(eq(session.token, token));
  return row ?? null;
}

function sessionEnded(): APIError {
  return new APIError("UNAUTHORIZED", { code: "SESSION_ENDED", message: "Sign in again." });
}
