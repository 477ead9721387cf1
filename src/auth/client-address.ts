import { PEER_HEADER } from "./peer-address";

export interface ClientAddress {
  readonly ipAddressHeaders: string[];
  readonly trustedProxies: string[];
}

/**
 * Which header tells who is calling. The host's own if it is named; on Vercel the one that Vercel
 * overwrites; else what this process noted about the connection itself (`notePeerAddresses`).
 */
export function clientAddress({
  header,
  trustedProxies,
  onVercel,
}: {
  header: string | undefined;
  trustedProxies: readonly string[];
  onVercel: boolean;
}): ClientAddress {
  const byHost = header ?? (onVercel ? "x-forwarded-for" : PEER_HEADER);
  return { ipAddressHeaders: [byHost], trustedProxies: [...trustedProxies] };
}
