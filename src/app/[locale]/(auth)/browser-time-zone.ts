import { TIME_ZONE_COOKIE } from "@/auth/client";

/** Returns the browser's IANA time zone. */
export function browserTimeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/** Stores the zone in a cookie for one hour, for sign-ups that return from a provider's page. */
export function rememberTimeZone(): void {
  const value = encodeURIComponent(browserTimeZone());
  // biome-ignore lint/suspicious/noDocumentCookie: older versions of Firefox and Safari lack the Cookie Store API.
  document.cookie = `${TIME_ZONE_COOKIE}=${value}; path=/; max-age=3600; samesite=lax`;
}
