import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";

/** Written by us onto every request that reaches this process, over whatever a client put there. */
export const PEER_HEADER = "x-qiflow-peer";

/** Published by Node before any handler of the server sees the request. */
const REQUEST_STARTS = "http.server.request.start";

/**
 * Notes on each request who really sent it, as the limits by address count. A client can write what
 * it likes into `X-Forwarded-For`, and Next puts the connection's address there only when it is
 * empty. With proxies of our own in front, their list is kept and the connection's address added at
 * its end, so that who is read from it is the first one from the right that is none of ours.
 * Answers how to stop.
 */
export function notePeerAddresses({ behindProxies }: { behindProxies: boolean }): () => void {
  const note = (message: unknown) => {
    const request = requestOf(message);
    if (request === null) return;
    const forwarded = behindProxies ? request.headers["x-forwarded-for"] : undefined;
    const addresses = [forwarded, request.socket.remoteAddress].flat().filter(Boolean);
    request.headers[PEER_HEADER] = addresses.join(", ");
  };
  subscribe(REQUEST_STARTS, note);
  return () => void unsubscribe(REQUEST_STARTS, note);
}

function requestOf(message: unknown): IncomingMessage | null {
  const hasRequest = typeof message === "object" && message !== null && "request" in message;
  return hasRequest ? (message.request as IncomingMessage) : null;
}
