import { createHmac, randomBytes } from "node:crypto";
import { addHours } from "date-fns";
import { secondsInHour } from "date-fns/constants";
import { and, eq, gt, like, ne } from "drizzle-orm";
import postgres from "postgres";
import { z } from "zod";
import { hasSecondFactor } from "@/auth/second-factors";
import { isProven, type SessionTimes } from "@/auth/session-rules";
import { hasPassword } from "@/auth/sessions";
import { insertSignInEvent, type RequestDevice } from "@/auth/sign-in-events";
import { enqueueStripeCall } from "@/billing/stripe/stripe-calls";
import type { Database, Executor, Transaction } from "@/db/client";
import { driverErrorOf } from "@/db/driver-error";
import { lockUndeletedUser } from "@/db/lock-user";
import { user, verification } from "@/db/schema";
import { enqueueEmail } from "@/emails/enqueue-email";
import { machineNow } from "@/lib/clock";
import { AppError, InvalidInput, NotFound, ProofRequired } from "@/lib/errors";
import { localeOf, localePath } from "@/lib/locales";
import { countAttempt } from "@/rate-limit/rate-limit";
import { moveClaim } from "@/rewards/claims";
import type { FreeCreditsPolicy } from "@/rewards/free-credits-policy";

const BY_USER = { limit: 5, windowSeconds: secondsInHour };
/** Emails to one new address, so that nobody can be flooded with them. */
const TO_ADDRESS = { limit: 4, windowSeconds: secondsInHour };
const LINK_HOURS = 24;
const TOKEN_PREFIX = "change-email:";

export const emailAddress = z.string().trim().toLowerCase().max(254).pipe(z.email());

/** What a link that confirms a new address contains. */
export const emailChangeLink = z.object({ to: emailAddress, token: z.string().min(1).max(100) });
type EmailChangeLink = z.output<typeof emailChangeLink>;

export class EmailTaken extends AppError {
  constructor() {
    super({ code: "email_taken", status: 409, message: "Another account has this address." });
  }
}

interface Owner {
  readonly id: string;
  readonly email: string;
}

interface EmailChange {
  readonly user: Owner;
  readonly newEmail: string;
  readonly password: string;
  readonly isCurrentPassword: (password: string) => Promise<boolean>;
  /** The session of the request. */
  readonly session: SessionTimes;
  readonly appUrl: string;
  readonly secret: string;
  readonly now: Date;
}

/**
 * Sends a link to the new address and a warning to the current one. Nothing changes before the link is
 * confirmed; a second request replaces the first. Asks for the password if there is one, and for a
 * second factor if there is one; without both, for a recent sign-in. Neither email contains an address
 * or a name, because a stranger may have typed them.
 * Locks the user's row.
 * @throws InvalidInput for a wrong password, ProofRequired, EmailTaken, RateLimited
 */
export async function requestEmailChange(db: Database, request: EmailChange): Promise<void> {
  const { user: owner, newEmail, appUrl, secret, now } = request;
  await countAttempt(db, { key: `change-email:${owner.id}`, secret, ...BY_USER, now });
  await requireProof(db, request);
  await countAttempt(db, { key: `change-email-to:${newEmail}`, secret, ...TO_ADDRESS, now });
  const token = randomBytes(24).toString("base64url");
  await db.transaction(async (tx) => {
    const person = await lockUndeletedUser(tx, owner.id);
    if (person === null) throw new NotFound("user");
    await refuseTaken(tx, newEmail);
    await tx.delete(verification).where(isChangeOf(owner.id));
    const id = crypto.randomUUID();
    await tx.insert(verification).values({
      id,
      identifier: identifierOf({ to: newEmail, token }, secret),
      value: owner.id,
      expiresAt: addHours(now, LINK_HOURS),
      createdAt: now,
      updatedAt: now,
    });
    const locale = localeOf(person.locale);
    const query = new URLSearchParams({ to: newEmail, token });
    const url = appUrl + localePath(locale, `/settings/email?${query}`);
    const common = { userId: owner.id, locale, now };
    await enqueueEmail(tx, {
      ...common,
      template: "verify-new-email",
      props: { url, validHours: LINK_HOURS },
      key: `verify-new-email:${id}`,
      to: newEmail,
    });
    await enqueueEmail(tx, {
      ...common,
      template: "email-change-requested",
      props: {},
      key: `email-change-requested:${id}`,
      to: person.email,
    });
  });
}

async function requireProof(
  db: Database,
  { user: { id }, session, password, isCurrentPassword }: EmailChange,
): Promise<void> {
  const [hasFactor, knowsPassword] = await Promise.all([
    hasSecondFactor(db, id),
    hasPassword(db, id),
  ]);
  const isSessionProven = isProven(session, { hasSecondFactor: hasFactor, at: machineNow() });
  if (!isSessionProven && (hasFactor || !knowsPassword)) throw new ProofRequired();
  if (!knowsPassword || (await isCurrentPassword(password))) return;
  throw new InvalidInput("The password is wrong.", { field: "password" });
}

/** True while `confirmEmailChange` would accept the link of the user. */
export async function isPendingEmailChange(
  reader: Executor,
  {
    userId,
    link,
    secret,
    now,
  }: { userId: string; link: EmailChangeLink; secret: string; now: Date },
): Promise<boolean> {
  const rows = await reader
    .select({ id: verification.id })
    .from(verification)
    .where(isPending({ userId, link, secret, now }));
  return rows.length > 0;
}

/**
 * Changes the user's address to the one that the link was sent to, which proves it. The caller is signed
 * in to the account: a link alone would let someone attach a stranger's address to their own account.
 * Notifies the former address and Stripe. Links sent to the former mailbox end. Locks the user's row.
 * @throws NotFound if the link is not the user's, was used or has expired; EmailTaken
 */
export async function confirmEmailChange(
  db: Database,
  change: {
    userId: string;
    link: EmailChangeLink;
    secret: string;
    policy: FreeCreditsPolicy;
    device: RequestDevice;
    now: Date;
  },
): Promise<void> {
  const { userId, link, policy, device, now } = change;
  await db.transaction(async (tx) => {
    const person = await lockUndeletedUser(tx, userId);
    const [pending] = await tx.delete(verification).where(isPending(change)).returning();
    if (person === null || pending === undefined) throw new NotFound("link");
    await refuseTaken(tx, link.to);
    await setEmail(tx, { userId, email: link.to, now });
    await insertSignInEvent(tx, { ...device, userId, kind: "address-changed", at: now });
    const { emailVerified: wasVerified } = person;
    await moveClaim(tx, { userId, email: link.to, wasVerified, policy, now });
    await tx.delete(verification).where(eq(verification.value, userId));
    await enqueueEmail(tx, {
      template: "email-changed",
      props: {},
      key: `email-changed:${pending.id}`,
      userId,
      to: person.email,
      locale: localeOf(person.locale),
      now,
    });
    const { stripeCustomerId: customerId } = person;
    if (customerId === null) return;
    const call = { do: "update-customer-email", customerId } as const;
    const key = `customer:${customerId}:email:${pending.id}`;
    await enqueueStripeCall(tx, { key, userId, call, now });
  });
}

async function refuseTaken(tx: Transaction, email: string): Promise<void> {
  const [other] = await tx.select({ id: user.id }).from(user).where(eq(user.email, email));
  if (other !== undefined) throw new EmailTaken();
}

/** If two accounts take an address concurrently, the unique index rejects the loser. */
async function setEmail(
  tx: Transaction,
  { userId, email, now }: { userId: string; email: string; now: Date },
): Promise<void> {
  try {
    const change = { email, emailVerified: true, updatedAt: now };
    await tx
      .update(user)
      .set(change)
      .where(and(eq(user.id, userId), ne(user.email, email)));
  } catch (error) {
    if (isTakenEmail(driverErrorOf(error))) throw new EmailTaken();
    throw error;
  }
}

function isTakenEmail(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.constraint_name === "user_email_unique";
}

function isPending(change: { userId: string; link: EmailChangeLink; secret: string; now: Date }) {
  const { userId, link, secret, now } = change;
  return and(
    eq(verification.identifier, identifierOf(link, secret)),
    eq(verification.value, userId),
    gt(verification.expiresAt, now),
  );
}

function isChangeOf(userId: string) {
  return and(eq(verification.value, userId), like(verification.identifier, `${TOKEN_PREFIX}%`));
}

/** Binds the token to the address. Only the hash is stored. */
function identifierOf({ to, token }: EmailChangeLink, secret: string): string {
  const hash = createHmac("sha256", secret).update(`${TOKEN_PREFIX}${token}:${to}`);
  return TOKEN_PREFIX + hash.digest("base64url");
}
