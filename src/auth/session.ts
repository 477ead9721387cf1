import "server-only";
import { headers } from "next/headers";
import { notFound, redirect } from "next/navigation";
import { cache } from "react";
import { isCreditAccountOpen, onUserCreated } from "@/accounts/sign-up";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { NotAllowed, NotSignedIn } from "@/lib/errors";
import { DEFAULT_LOCALE, isLocale, type Locale, localePath } from "@/lib/locales";
import { auth, authOptions } from "./auth";
import { deliverSoon } from "./deliver-soon";
import { verificationLinkFor } from "./mail-links";
import { isBanned } from "./refuse-banned";
import { PATH_HEADER } from "./request-path";
import { safeNext } from "./safe-next";

export interface CurrentUser {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly emailVerified: boolean;
  readonly role: "user" | "admin";
  readonly locale: Locale;
  /** IANA. */
  readonly timeZone: string;
  readonly createdAt: Date;
  readonly sessionId: string;
}

/**
 * Who is asking, or null. Looks the session and the user up once a request, so a ban, a change of
 * role or a sign-out elsewhere is true at once. If the credits of the sign-up are still owed (the
 * hook after it was lost), they are granted here.
 */
export const getCurrentUser = cache(async (): Promise<CurrentUser | null> => {
  const found = await auth.api.getSession({ headers: await headers() });
  if (found === null) return null;
  const { session, user } = found;
  if (isBanned(user, now()) || user.deletedAt) return null;
  if (!(await isCreditAccountOpen(db, user.id))) {
    await onUserCreated(db, user.id, now(), verificationLinkFor(authOptions));
    deliverSoon();
  }
  return {
    id: user.id,
    name: user.name,
    email: user.email,
    emailVerified: user.emailVerified,
    role: user.role === "admin" ? "admin" : "user",
    locale: isLocale(user.locale) ? user.locale : DEFAULT_LOCALE,
    timeZone: user.timeZone ?? "UTC",
    createdAt: user.createdAt,
    sessionId: session.id,
  };
});

/** For actions and routes. Throws `NotSignedIn`. */
export async function requireUser(): Promise<CurrentUser> {
  const user = await getCurrentUser();
  if (user === null) throw new NotSignedIn();
  return user;
}

/** For actions and routes. Throws `NotSignedIn` or `NotAllowed`. */
export async function requireAdmin(): Promise<CurrentUser> {
  const user = await requireUser();
  if (user.role !== "admin") throw new NotAllowed();
  return user;
}

/** For pages: whoever is not signed in goes to the sign-in page and comes back afterwards. */
export async function requireUserPage(): Promise<CurrentUser> {
  return (await getCurrentUser()) ?? (await goToSignIn());
}

/** For admin pages: to anybody else they do not exist. */
export async function requireAdminPage(): Promise<CurrentUser> {
  const user = await requireUserPage();
  if (user.role !== "admin") notFound();
  return user;
}

/** The proxy tells which page was asked for, as a server component cannot know. */
async function goToSignIn(): Promise<never> {
  const next = safeNext((await headers()).get(PATH_HEADER));
  const isChinese = next !== null && /^\/zh(?=$|[/?#])/.test(next);
  const path = localePath(isChinese ? "zh-CN" : "en", "/sign-in");
  redirect(next === null ? path : `${path}?next=${encodeURIComponent(next)}`);
}
