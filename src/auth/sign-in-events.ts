import type { GenericEndpointContext } from "better-auth";
import { getIP } from "better-auth/api";
import { and, desc, eq, inArray } from "drizzle-orm";
import type { Database, Executor, Transaction } from "@/db/client";
import { lockUser } from "@/db/lock-user";
import { signInEvent, type user } from "@/db/schema";
import { enqueueEmail } from "@/emails/enqueue-email";
import { networkOf } from "@/lib/client-address";
import { now } from "@/lib/clock";
import { deviceName } from "@/lib/device-name";
import { localeOf } from "@/lib/locales";
import { logger } from "@/lib/logger";

export const SIGN_IN_EVENT_RETENTION_DAYS = 365;

const SIGN_INS = [
  "sign-up",
  "password",
  "google",
  "github",
  "code",
  "backup-code",
  "passkey",
] as const;
const CHANGES = [
  "password-changed",
  "password-reset",
  "address-changed",
  "two-factor-on",
  "two-factor-off",
  "backup-codes-created",
  "passkey-added",
  "passkey-removed",
] as const;

/** A way to sign in, or a change of the credentials. */
export type SignInEventKind = (typeof SIGN_INS)[number] | (typeof CHANGES)[number];

export interface SignInEvent {
  readonly id: string;
  readonly kind: SignInEventKind;
  readonly browser: string | null;
  readonly system: string | null;
  /** The first part of the network address, such as `203.0.113.0/24`. */
  readonly network: string | null;
  readonly at: Date;
}

/** The requests that are recorded. A code in a session is recorded only if it turns two-factor on. */
const KINDS: Readonly<Record<string, SignInEventKind>> = {
  "/sign-up/email": "sign-up",
  "/sign-in/email": "password",
  "/two-factor/verify-totp": "code",
  "/two-factor/verify-backup-code": "backup-code",
  "/change-password": "password-changed",
  "/two-factor/disable": "two-factor-off",
  "/two-factor/generate-backup-codes": "backup-codes-created",
  "/passkey/verify-authentication": "passkey",
  "/passkey/verify-registration": "passkey-added",
};

/** Returns a user's sign-ins and changes of their credentials, newest first. */
export async function listSignInEvents(
  reader: Executor,
  { userId, limit }: { userId: string; limit: number },
): Promise<SignInEvent[]> {
  const rows = await reader
    .select()
    .from(signInEvent)
    .where(eq(signInEvent.userId, userId))
    .orderBy(desc(signInEvent.at))
    .limit(limit);
  return rows.flatMap(({ kind, ...event }) => (isKind(kind) ? [{ ...event, kind }] : []));
}

/** The browser that sent a request. */
export interface RequestDevice {
  readonly userAgent: string | null;
  /** The network address. */
  readonly address: string | null;
}

/** Records an event in the caller's transaction, which has locked the user. */
export async function insertSignInEvent(
  tx: Transaction,
  event: RequestDevice & { userId: string; kind: SignInEventKind; at: Date },
): Promise<string> {
  const { userId, kind, at, userAgent, address } = event;
  const id = crypto.randomUUID();
  await tx.insert(signInEvent).values({
    id,
    userId,
    kind,
    ...deviceName(userAgent),
    network: shortNetwork(address),
    at,
  });
  return id;
}

interface RecordOptions {
  readonly db: Database;
  /** Whether the browser has signed in with this address before. */
  readonly isKnownDevice: (email: string) => boolean;
}

/**
 * Records what an auth route did, if it signed someone in or changed their credentials. Emails the user
 * about a sign-in from a new device, unless it is their first or their address is not verified. A
 * failure is logged and does not change the response. Locks the user's row.
 */
export async function recordAuthEvent(
  options: RecordOptions & { readonly isRefused: boolean },
  context: GenericEndpointContext,
): Promise<void> {
  const found = eventOf(context, options);
  if (found === null) return;
  const { request, headers } = context;
  await record(options, {
    ...found,
    userAgent: headers?.get("user-agent") ?? null,
    address: request === undefined ? null : getIP(request, context.context.options),
  });
}

/**
 * Records that a passkey was added or removed, and emails the owner if the address is verified. The email
 * does not contain the passkey's name. The caller has locked the user.
 */
export async function recordPasskeyChange(
  tx: Transaction,
  {
    owner,
    ...change
  }: RequestDevice & {
    owner: typeof user.$inferSelect;
    kind: "passkey-added" | "passkey-removed";
    at: Date;
  },
): Promise<void> {
  const id = await insertSignInEvent(tx, { ...change, userId: owner.id });
  if (!owner.emailVerified) return;
  const { kind, at } = change;
  await enqueueEmail(tx, {
    template: kind,
    props: emailProps(change, owner),
    key: `${kind}:${id}`,
    userId: owner.id,
    to: owner.email,
    locale: localeOf(owner.locale),
    now: at,
  });
}

/** Records a password that was set with the link of an email. A failure is logged. */
export async function recordPasswordReset(
  db: Database,
  {
    userId,
    request,
    address,
  }: { userId: string; request?: Request | undefined; address: string | null },
): Promise<void> {
  const userAgent = request?.headers.get("user-agent") ?? null;
  const event = { userId, kind: "password-reset", userAgent, address } as const;
  await record({ db, isKnownDevice: () => true }, event);
}

async function record(
  { db, isKnownDevice }: RecordOptions,
  event: RequestDevice & { userId: string; kind: SignInEventKind },
): Promise<void> {
  const { userId, kind } = event;
  const at = now();
  try {
    await db.transaction(async (tx) => {
      const owner = await lockUser(tx, userId);
      if (owner === null || owner.deletedAt !== null) return;
      if (kind === "passkey-added") {
        await recordPasskeyChange(tx, { ...event, kind, owner, at });
        return;
      }
      const isNotable = isSignIn(kind) && owner.emailVerified && !isKnownDevice(owner.email);
      const isReturning = isNotable && (await hasSignedIn(tx, userId));
      const id = await insertSignInEvent(tx, { ...event, at });
      if (!isReturning) return;
      await enqueueEmail(tx, {
        template: "new-sign-in",
        props: emailProps({ ...event, at }, owner),
        key: `new-sign-in:${id}`,
        userId,
        to: owner.email,
        locale: localeOf(owner.locale),
        now: at,
      });
    });
  } catch (error) {
    logger.error({ err: error, userId, kind }, "a sign-in event was not recorded");
  }
}

/** A sign-in has opened a session; a refused change returns an error. */
function eventOf(
  { path, params, context }: GenericEndpointContext,
  { isRefused }: { isRefused: boolean },
): { userId: string; kind: SignInEventKind } | null {
  const opened = context.newSession?.user.id;
  if (path === "/callback/:id") {
    const provider: unknown = params?.id;
    if (opened === undefined || (provider !== "google" && provider !== "github")) return null;
    return { userId: opened, kind: provider };
  }
  const kind = KINDS[path ?? ""];
  if (kind === undefined || isRefused) return null;
  const before = context.session?.user.id;
  if (kind === "code" && before !== undefined) {
    return opened === undefined ? null : { userId: opened, kind: "two-factor-on" };
  }
  const userId = opened ?? (isSignIn(kind) ? undefined : before);
  return userId === undefined ? null : { userId, kind };
}

async function hasSignedIn(tx: Transaction, userId: string): Promise<boolean> {
  const rows = await tx
    .select({ id: signInEvent.id })
    .from(signInEvent)
    .where(and(eq(signInEvent.userId, userId), inArray(signInEvent.kind, [...SIGN_INS])))
    .limit(1);
  return rows.length > 0;
}

function isSignIn(kind: string): boolean {
  return SIGN_INS.some((name) => name === kind);
}

function isKind(kind: string): kind is SignInEventKind {
  return [...SIGN_INS, ...CHANGES].some((name) => name === kind);
}

/** When and from which device, for an email. */
function emailProps(
  { userAgent, address, at }: RequestDevice & { readonly at: Date },
  { timeZone }: { readonly timeZone: string },
) {
  return {
    ...deviceName(userAgent),
    network: shortNetwork(address),
    at: at.toISOString(),
    timeZone,
  };
}

function shortNetwork(address: string | null): string | null {
  return address && networkOf(address, 48);
}
