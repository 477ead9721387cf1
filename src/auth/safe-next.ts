/** Only ever used to resolve a path; nothing is fetched from it. */
const OWN_ORIGIN = "http://own.invalid";

/**
 * Where to go after signing in: a path of our own pages, or null for anything else. Refuses other
 * hosts in every spelling browsers understand (`//host`, `/\host`, tabs and newlines) and our API.
 */
export function safeNext(value: unknown): string | null {
  if (typeof value !== "string" || value.length > 2000) return null;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers drop control characters from addresses, so `/\t/host` would leave.
  if (!/^\/(?![/\\])/.test(value) || /[\\\u0000-\u001f\u007f]/.test(value)) return null;
  if (!URL.canParse(value, OWN_ORIGIN)) return null;
  const url = new URL(value, OWN_ORIGIN);
  if (url.origin !== OWN_ORIGIN || url.pathname.startsWith("//")) return null;
  if (url.pathname === "/api" || url.pathname.startsWith("/api/")) return null;
  return url.pathname + url.search + url.hash;
}
