import { TIME_ZONE_COOKIE } from "@/auth/client";

/** The IANA zone this browser lives in. */
export function browserTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** Remembers the zone for an hour, for a sign-up that comes back from a provider's page. */
export function rememberTimeZone(): void {
  const value = encodeURIComponent(browserTimeZone());
  // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox and Safari of some years.
  document.cookie = `${TIME_ZONE_COOKIE}=${value}; path=/; max-age=3600; samesite=lax`;
}
