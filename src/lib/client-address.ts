import { isIP } from "node:net";

/** The shape of better-auth's `advanced.ipAddress` option. */
export interface ClientAddressSource {
  readonly ipAddressHeaders: string[];
  readonly trustedProxies: string[];
}

/** `inspectRequests` overwrites it on every request, so a client cannot forge it. */
export const PEER_HEADER = "x-qiflow-peer";

/**
 * Returns where to read a client's network address: the configured header, the header that Vercel
 * overwrites, or the header that `inspectRequests` writes.
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
 * Returns the network of an address, so that what is stored does not hold the address: a /24 of IPv4 or
 * the first `ipv6Bits` of IPv6. Null if it is no address.
 */
export function networkOf(address: string, ipv6Bits: number): string | null {
  const plain = address.toLowerCase().replace(/^::ffff:(?=\d+\.)/, "");
  if (isIP(plain) === 4) return `${plain.split(".").slice(0, 3).join(".")}.0/24`;
  if (isIP(plain) !== 6) return null;
  const masked = expandIpv6(plain).map((group, index) => {
    const bits = Math.min(16, Math.max(0, ipv6Bits - 16 * index));
    return (group & (0xffff << (16 - bits))).toString(16);
  });
  return `${canonicalIpv6(masked.join(":"))}/${ipv6Bits}`;
}

/** The eight groups of an IPv6 address. */
function expandIpv6(address: string): number[] {
  const [head = "", tail] = canonicalIpv6(address.replace(/%.*$/, "")).split("::");
  const groups = (part: string) =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return groups(head);
  const zeros = 8 - groups(head).length - groups(tail).length;
  return [...groups(head), ...Array<number>(zeros).fill(0), ...groups(tail)];
}

/** `URL` writes every address in one form. */
function canonicalIpv6(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
