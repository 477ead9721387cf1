import { safeReturnPath } from "@/auth/return-path";
import { type Locale, localePath } from "@/lib/locales";

/** Where to go after signing in: the page that was asked for, or the dashboard. */
export function destinationOf(next: unknown, locale: Locale): string {
  return safeReturnPath(next) ?? localePath(locale, "/dashboard");
}

/** The same question carried to another page of this group. */
export function withNext(path: string, next: unknown): string {
  const safe = safeReturnPath(next);
  return safe === null ? path : `${path}?next=${encodeURIComponent(safe)}`;
}
