import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";

/** The shape of better-auth's `advanced.ipAddress` option. */
export interface ClientAddressSource {
  readonly ipAddressHeaders: string[];
  readonly trustedProxies: string[];
}

/** `recordPeerAddresses` overwrites it on every request, so a client cannot forge it. */
const PEER_HEADER = "x-qiflow-peer";

/** Node publishes to this channel before any handler of the server sees the request. */
const REQUEST_START = "http.server.request.start";

/**
 * Returns where to read a client's network address: the configured header, the header that Vercel
 * overwrites, or the header that `recordPeerAddresses` writes.
 */
export function clientAddressSource(env: {
  readonly CLIENT_IP_HEADER?: string | undefined;
  readonly TRUSTED_PROXIES: readonly string[];
  readonly VERCEL: boolean;
}): ClientAddressSource {
  const header = env.CLIENT_IP_HEADER ?? (env.VERCEL ? "x-forwarded-for" : PEER_HEADER);
  return { ipAddressHeaders: [header], trustedProxies: [...env.TRUSTED_PROXIES] };
}

/**
 * Records the peer address of each connection in a request header and returns a function that stops
 * recording. Behind trusted proxies, the peer is appended to the forwarded list; the client is then
 * the rightmost address that is not a trusted proxy. Next alone is not enough: it keeps an
 * `X-Forwarded-For` that the client sent.
 */
export function recordPeerAddresses({ behindProxies }: { behindProxies: boolean }): () => void {
  const record = (message: unknown) => {
    const request = requestOf(message);
    if (request === null) return;
    const forwarded = behindProxies ? request.headers["x-forwarded-for"] : undefined;
    const addresses = [forwarded, request.socket.remoteAddress].flat().filter(Boolean);
    request.headers[PEER_HEADER] = addresses.join(", ");
  };
  subscribe(REQUEST_START, record);
  return () => void unsubscribe(REQUEST_START, record);
}

function requestOf(message: unknown): IncomingMessage | null {
  const hasRequest = typeof message === "object" && message !== null && "request" in message;
  return hasRequest ? (message.request as IncomingMessage) : null;
}
