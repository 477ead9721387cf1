/** Path and query of the requested page. The proxy sets it on every request it passes on. */
export const PATH_HEADER = "x-qiflow-path";

/** Resolves paths. Nothing is fetched from it. */
const OWN_ORIGIN = "http://own.invalid";

/**
 * Returns the path to open after signing in, or null unless it is a path of our own pages. Refuses
 * other hosts in every spelling that browsers understand (`//host`, `/\host`, tabs and newlines),
 * and the API.
 */
export function safeReturnPath(value: unknown): string | null {
  if (typeof value !== "string" || value.length > 2000) return null;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: browsers drop control characters from URLs, so `/\t/host` would leave the site.
  if (!/^\/(?![/\\])/.test(value) || /[\\\u0000-\u001f\u007f]/.test(value)) return null;
  if (!URL.canParse(value, OWN_ORIGIN)) return null;
  const url = new URL(value, OWN_ORIGIN);
  if (url.origin !== OWN_ORIGIN || url.pathname.startsWith("//")) return null;
  if (url.pathname === "/api" || url.pathname.startsWith("/api/")) return null;
  return url.pathname + url.search + url.hash;
}
