import { safeReturnPath } from "@/auth/return-path";
import { type Locale, localePath } from "@/lib/locales";

/** Returns the path to open after sign-in: a safe `next`, or the dashboard. */
export function destinationOf(next: unknown, locale: Locale): string {
  return safeReturnPath(next) ?? localePath(locale, "/dashboard");
}

/** Adds `next` to the path of another authentication page. Drops it when it is not safe. */
export function withNext(path: string, next: unknown): string {
  const safe = safeReturnPath(next);
  return safe === null ? path : `${path}?next=${encodeURIComponent(safe)}`;
}
