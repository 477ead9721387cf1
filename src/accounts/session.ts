import "server-only";
import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { verificationLinkFor } from "@/auth/emails";
import { PATH_HEADER, safeReturnPath } from "@/auth/return-path";
import { isBanned } from "@/auth/route-guards";
import { hasSecondFactor } from "@/auth/second-factors";
import {
  consoleBarrier,
  isAdminSessionOver,
  isProven,
  type SessionTimes,
} from "@/auth/session-rules";
import { endSession, storeLastUse } from "@/auth/sessions";
import type { RequestDevice } from "@/auth/sign-in-events";
import { db } from "@/db";
import { env } from "@/env";
import { machineNow, now } from "@/lib/clock";
import {
  NotAllowed,
  NotSignedIn,
  PageOutOfDate,
  ProofRequired,
  SecondFactorMissing,
  SignedInAsAnother,
} from "@/lib/errors";
import { type Locale, localeOf, localePath } from "@/lib/locales";
import { clientAddress } from "@/rate-limit/limit-action";
import { isProvided } from "@/rewards/free-credits";
import { freeCreditsPolicy } from "@/rewards/free-credits-policy";
import { auth, authOptions } from "./auth";
import { provisionAccount } from "./sign-up";

interface CurrentUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly role: "user" | "admin";
  readonly locale: Locale;
  /** An IANA name. */
  readonly timeZone: string;
  readonly createdAt: Date;
  readonly sessionId: string;
  readonly session: SessionTimes;
  /** Has confirmed an authenticator app. */
  readonly twoFactorEnabled: boolean;
}

/**
 * Returns the signed-in user or null. Looks the session and the user up once per request, so a ban,
 * a role change or a sign-out applies immediately. Provisions the account if the sign-up did not, or if
 * free credits that were withheld are due.
 */
export const getCurrentUser = cache(async (): Promise<CurrentUser | null> => {
  const requestHeaders = await headers();
  const found = await auth.api.getSession({ headers: requestHeaders });
  if (found === null) return null;
  const { session, user } = found;
  if (isBanned(user, now()) || user.deletedAt) return null;
  const times = {
    createdAt: session.createdAt,
    lastUsedAt: session.lastUsedAt ?? null,
    passwordAt: session.passwordAt ?? null,
    secondFactorAt: session.secondFactorAt ?? null,
  };
  if (user.role === "admin" && isAdminSessionOver(times, machineNow())) {
    await endSession(db, session.id);
    return null;
  }
  if (!(await isProvided(db, user.id))) {
    await provisionAccount(db, {
      userId: user.id,
      networkAddress: clientAddress(requestHeaders),
      policy: freeCreditsPolicy,
      now: now(),
      createVerificationLink: verificationLinkFor(authOptions),
    });
  }
  return {
    id: user.id,
    name: user.name,
    email: user.email,
    emailVerified: user.emailVerified,
    role: user.role === "admin" ? "admin" : "user",
    locale: localeOf(user.locale),
    timeZone: user.timeZone ?? "UTC",
    createdAt: user.createdAt,
    sessionId: session.id,
    session: times,
    twoFactorEnabled: user.twoFactorEnabled === true,
  };
});

/** Returns the browser and the network address of the request, for the log of sign-ins. */
export async function requestDevice(): Promise<RequestDevice> {
  const requestHeaders = await headers();
  return {
    userAgent: requestHeaders.get("user-agent"),
    address: clientAddress(requestHeaders),
  };
}

/** True if it is the signed-in user's password. */
export async function isCurrentPassword(password: string): Promise<boolean> {
  try {
    return (await auth.api.verifyPassword({ body: { password }, headers: await headers() })).status;
  } catch {
    return false;
  }
}

/** For actions and routes. Throws `NotSignedIn`. */
export async function requireUser(): Promise<CurrentUser> {
  const user = await getCurrentUser();
  if (user === null) throw new NotSignedIn();
  return user;
}

/** For actions: also stores that the session is in use. Throws `NotSignedIn`. */
export async function requireActiveUser(): Promise<CurrentUser> {
  const user = await requireUser();
  await storeLastUse(db, user.sessionId, user.session);
  return user;
}

/**
 * For actions and routes. `sensitive` actions need a second factor that was confirmed recently.
 * @throws NotSignedIn, NotAllowed, SecondFactorMissing or ProofRequired
 */
export async function requireAdmin({ sensitive = false } = {}): Promise<CurrentUser> {
  const user = await requireUser();
  if (user.role !== "admin") throw new NotAllowed();
  const barrier = await barrierOf(user, { sensitive });
  if (barrier === "enrol") throw new SecondFactorMissing();
  if (barrier === "confirm") throw new ProofRequired();
  return user;
}

/**
 * Compares the signed-in user with the one whom the calling page was rendered for. Null means that
 * the page was rendered for a guest, who may have signed in since.
 * @throws SignedInAsAnother, or PageOutOfDate if the page does not name anyone
 */
export function requireRenderedFor(
  user: { readonly id: string; readonly email: string },
  renderedFor: unknown,
): void {
  if (renderedFor === null || renderedFor === user.id) return;
  if (typeof renderedFor !== "string") throw new PageOutOfDate();
  throw new SignedInAsAnother({ email: user.email });
}

/**
 * For actions that hand out a credential. Throws `ProofRequired` unless the user has signed in or
 * confirmed their password or second factor in the last 15 minutes.
 */
export async function requireProof(user: CurrentUser): Promise<void> {
  const proof = { hasSecondFactor: await hasSecondFactor(db, user.id), at: machineNow() };
  if (!isProven(user.session, proof)) throw new ProofRequired();
}

/** For pages. Redirects a visitor to the sign-in page, which returns to the page afterwards. */
export async function requireUserPage(): Promise<CurrentUser> {
  const user = (await getCurrentUser()) ?? (await redirectTo("/sign-in"));
  await storeLastUse(db, user.sessionId, user.session);
  return user;
}

/**
 * For admin pages. An admin who has to set up or confirm a second factor first is redirected to the
 * security page, which says so and returns to the page afterwards. Everyone else gets a 404.
 */
export async function requireAdminPage(): Promise<CurrentUser> {
  const user = await requireUserPage();
  if (user.role !== "admin") notFound();
  if ((await barrierOf(user)) !== null) await redirectTo("/settings/security");
  return user;
}

/** Why an admin may not open the console; see `consoleBarrier`. Null for everyone else. */
export async function barrierOf(
  user: CurrentUser,
  { sensitive = false } = {},
): Promise<"enrol" | "confirm" | null> {
  if (user.role !== "admin") return null;
  return consoleBarrier({
    hasSecondFactor: await hasSecondFactor(db, user.id),
    secondFactorAt: user.session.secondFactorAt,
    isRequired: !env.QIFLOW_EMBEDDED,
    sensitive,
    at: machineNow(),
  });
}

/** Reads the requested path from the proxy's header: a server component cannot know it. */
async function redirectTo(page: "/sign-in" | "/settings/security"): Promise<never> {
  const next = safeReturnPath((await headers()).get(PATH_HEADER));
  const isChinese = next !== null && /^\/zh(?=$|[/?#])/.test(next);
  const path = localePath(isChinese ? "zh-CN" : "en", page);
  redirect(next === null ? path : `${path}?next=${encodeURIComponent(next)}`);
}
