import { lookup as resolve } from "node:dns";
import type { LookupFunction } from "node:net";
import ipaddr from "ipaddr.js";
import { Agent, request } from "undici";
import { InvalidInput } from "@/lib/errors";

export interface SafePostOptions {
  /** Whether `http:` and `https:` to this machine are allowed. In the embedded mode only. */
  readonly allowLoopback: boolean;
  readonly timeoutMs?: number;
  /** Replaces DNS in tests. */
  readonly lookup?: LookupFunction;
}

export interface Posted {
  readonly status: number;
  /** The beginning of the response. */
  readonly excerpt: string;
}

const TIMEOUT_MS = 10_000;
const MAX_HEADER_BYTES = 16_384;
/** How much of a response is read; the remainder is discarded with the connection. */
const MAX_RESPONSE_BYTES = 1_024;
const MAX_URL_LENGTH = 500;

/** The address is not public, or the URL is not one that we post to. */
export class UnsafeUrl extends InvalidInput {}

/**
 * Checks a URL without resolving its name: https without credentials, and no address that is not public.
 * Accepts loopback with `allowLoopback`.
 * @throws UnsafeUrl
 */
export function checkUrl(text: string, { allowLoopback }: { allowLoopback: boolean }): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || text.length > MAX_URL_LENGTH) throw new UnsafeUrl("This is not a URL.");
  if (url.username !== "" || url.password !== "") {
    throw new UnsafeUrl("The URL must not contain a password.");
  }
  // The URL parser has turned decimal, octal and hexadecimal forms into dotted ones.
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isLoopback = host === "localhost" || isLoopbackAddress(host);
  const isLocalAllowed = allowLoopback && isLoopback;
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLocalAllowed)) {
    throw new UnsafeUrl("The URL must begin with https.");
  }
  if (isLoopback ? !isLocalAllowed : ipaddr.isValid(host) && !isPublic(host)) {
    throw new UnsafeUrl("The address is not public.");
  }
  return url;
}

/**
 * Posts a body. The host's name is resolved once, every address must be public, and the connection goes to
 * those addresses. Follows no redirect. Limits the time and what is read.
 * @throws UnsafeUrl, or the connection's error
 */
export async function safePost(
  text: string,
  { headers, body }: { headers: Readonly<Record<string, string>>; body: string },
  { allowLoopback, timeoutMs = TIMEOUT_MS, lookup = resolve }: SafePostOptions,
): Promise<Posted> {
  const url = checkUrl(text, { allowLoopback });
  const agent = new Agent({
    connect: { lookup: publicOnly(lookup, { allowLoopback }), timeout: timeoutMs },
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  try {
    const response = await request(url, {
      method: "POST",
      headers,
      body,
      dispatcher: agent,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.statusCode, excerpt: await readExcerpt(response.body) };
  } finally {
    await agent.destroy();
  }
}

/** Resolves a name and refuses it unless all of its addresses are public. */
function publicOnly(
  lookup: LookupFunction,
  { allowLoopback }: { allowLoopback: boolean },
): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const found = Array.isArray(addresses) ? addresses : [];
      const isAllowed = (address: string) =>
        isPublic(address) ||
        (allowLoopback && hostname === "localhost" && isLoopbackAddress(address));
      const [first] = found;
      if (error !== null) callback(error, "");
      else if (first === undefined || !found.every(({ address }) => isAllowed(address))) {
        callback(new UnsafeUrl("The address is not public."), "");
      } else if (options.all === true) callback(null, found);
      else callback(null, first.address, first.family);
    });
  };
}

/** The only part of IPv6 that is assigned for public addresses. `range()` knows not all of the others. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

/** Neither private, loopback, link-local, multicast nor reserved. IPv4 in IPv6 counts as IPv4. */
function isPublic(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return (
    parsed.range() === "unicast" && (parsed instanceof ipaddr.IPv4 || parsed.match(GLOBAL_UNICAST))
  );
}

function isLoopbackAddress(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === "loopback";
}

async function readExcerpt(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_RESPONSE_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_RESPONSE_BYTES).toString("utf8");
}
