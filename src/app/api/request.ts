import { InvalidInput, NotAllowed } from "@/lib/errors";
import { readBody } from "@/lib/read-body";

/** Returns the query parameters by name. If a name repeats, the last value wins. */
export function queryOf(request: Request): Record<string, string> {
  return Object.fromEntries(new URL(request.url).searchParams);
}

/** Reads the `Authorization` header. The scheme is in lower case, because its case has no meaning. */
export function readAuthorization(request: Request): { scheme: string; credentials: string } {
  const authorization = request.headers.get("authorization") ?? "";
  const [, scheme = "", credentials = ""] = /^(\S+) +(.*)$/.exec(authorization) ?? [];
  return { scheme: scheme.toLowerCase(), credentials };
}

/** Reads the body as text. Throws `InvalidInput` if it is longer than `maxBytes`. */
export async function readText(request: Request, maxBytes: number): Promise<string> {
  const body = await readBody(request, maxBytes);
  if (body === null) throw new InvalidInput("The request body is too large.");
  return body.toString("utf8");
}

/**
 * Throws `NotAllowed` for a request from a page of another site. Required in every route that
 * changes state on the strength of a cookie.
 *
 * Browsers send `Sec-Fetch-Site`, older ones `Origin`. A client that sends neither is not a browser
 * and holds no one else's cookies. `same-site` is refused: a sibling subdomain is another site.
 */
export function requireSameOrigin(request: Request): void {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) {
    if (site === "same-origin" || site === "none") return;
    throw new NotAllowed();
  }
  const origin = request.headers.get("origin");
  if (origin === null) return;
  const host = request.headers.get("host");
  if (!URL.canParse(origin) || new URL(origin).host !== host) throw new NotAllowed();
}
