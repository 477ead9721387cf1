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

/** Returns the network of an address, so that a log does not hold the address: /24 for IPv4, /48 for IPv6. */
export function shortNetwork(address: string | null): string | null {
  if (address === null) return null;
  if (/^\d+\.\d+\.\d+\.\d+$/.test(address)) return `${address.replace(/\.\d+$/, "")}.0/24`;
  if (!address.includes(":")) return null;
  const groups = address.split("::")[0]?.split(":").filter(Boolean) ?? [];
  const kept = groups.slice(0, 3).map((group) => group.replace(/^0+(?=.)/, ""));
  return `${kept.join(":")}::/48`;
}
