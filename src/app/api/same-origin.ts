import { NotAllowed } from "@/lib/errors";

/**
 * Refuses a request that another site's page made; for every route that changes something on the
 * strength of a cookie. Browsers say where a request comes from (`Sec-Fetch-Site`, older ones at
 * least `Origin`); a client that says neither is no browser and carries no cookie but those it set
 * itself. `same-site` is foreign too: a neighbour's subdomain is not us. Throws `NotAllowed`.
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
