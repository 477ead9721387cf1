import { safeNext } from "@/auth/safe-next";
import { type Locale, localePath } from "@/lib/locales";

/** Where to go after signing in: the page that was asked for, or the dashboard. */
export function destinationOf(next: unknown, locale: Locale): string {
  return safeNext(next) ?? localePath(locale, "/dashboard");
}

/** The same question carried to another page of this group. */
export function withNext(path: string, next: unknown): string {
  const safe = safeNext(next);
  return safe === null ? path : `${path}?next=${encodeURIComponent(safe)}`;
}
