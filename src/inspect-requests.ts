import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import { parseAndValidateFlightRouterState } from "next/dist/server/app-render/parse-and-validate-flight-router-state";
import { PEER_HEADER } from "@/lib/client-address";
import { REFUSAL_HEADER, type Refusal } from "@/lib/refusals";

/** Node publishes to this channel before any handler of the server sees the request. */
const REQUEST_START = "http.server.request.start";
/** A page path that exists nowhere: a refused request can reach no page, action or route. */
const REFUSED_PATH = "/refused";
const API_PATH = "/api/v1/";
/** The route of the API responds to it with a problem document. */
const REFUSED_API_PATH = "/api/v1/refused";
const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;
const CONTROL_CHARACTER = /\p{Cc}/u;
const LOOPBACK_PEER = /^(::1|(::ffff:)?127(\.\d{1,3}){3})$/;

interface Inspection {
  /** Trusted proxies append the client's address to `X-Forwarded-For`. */
  readonly behindProxies: boolean;
  /** The embedded mode: refuses requests from other machines, and for other hosts (DNS rebinding). */
  readonly localOnly: boolean;
}

/**
 * Inspects every request before Next.js does, and returns a function that stops it.
 *
 * - Records the peer address in a header. Behind trusted proxies it is appended to the forwarded
 *   list; the client is then the rightmost address that is not a trusted proxy. Next.js alone is not
 *   enough: it keeps an `X-Forwarded-For` that the client sent.
 * - Marks requests that the proxy must refuse. Next.js would respond to a malformed path or router
 *   header with 500 and log it as an error, and it hides the router headers from the proxy.
 */
export function inspectRequests(options: Inspection): () => void {
  const inspect = (message: unknown) => {
    const request = requestOf(message);
    if (request === null) return;
    recordPeer(request, options);
    const refusal = refusalOf(request, options);
    delete request.headers[REFUSAL_HEADER];
    if (refusal === null) return;
    request.headers[REFUSAL_HEADER] = refusal;
    request.url = request.url?.startsWith(API_PATH) ? REFUSED_API_PATH : REFUSED_PATH;
  };
  subscribe(REQUEST_START, inspect);
  return () => void unsubscribe(REQUEST_START, inspect);
}

function recordPeer(request: IncomingMessage, { behindProxies }: Inspection): void {
  const forwarded = behindProxies ? request.headers["x-forwarded-for"] : undefined;
  const addresses = [forwarded, request.socket.remoteAddress].flat().filter(Boolean);
  request.headers[PEER_HEADER] = addresses.join(", ");
}

function refusalOf(request: IncomingMessage, { localOnly }: Inspection): Refusal | null {
  if (localOnly && !isLocal(request)) return "not_local";
  return hasValidPath(request) && hasValidRouterState(request) ? null : "malformed";
}

function isLocal({ socket, headers }: IncomingMessage): boolean {
  return LOOPBACK_PEER.test(socket.remoteAddress ?? "") && LOOPBACK_HOST.test(headers.host ?? "");
}

function hasValidPath({ url = "" }: IncomingMessage): boolean {
  try {
    return !CONTROL_CHARACTER.test(decodeURIComponent(url.replace(/\?.*$/s, "")));
  } catch {
    return false;
  }
}

function hasValidRouterState({ headers }: IncomingMessage): boolean {
  try {
    parseAndValidateFlightRouterState(headers["next-router-state-tree"]);
    return true;
  } catch {
    return false;
  }
}

function requestOf(message: unknown): IncomingMessage | null {
  const hasRequest = typeof message === "object" && message !== null && "request" in message;
  return hasRequest ? (message.request as IncomingMessage) : null;
}
