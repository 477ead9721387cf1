import { describe, expect, it } from "vitest";
import { clientAddressSource, networkOf } from "@/lib/client-address";

describe("clientAddressSource", () => {
  it("prefers the configured header, then Vercel's, then the recorded peer", () => {
    const headersOf = (header: string | undefined, onVercel: boolean) =>
      clientAddressSource({ CLIENT_IP_HEADER: header, TRUSTED_PROXIES: [], VERCEL: onVercel })
        .ipAddressHeaders;
    expect(headersOf("cf-connecting-ip", true)).toEqual(["cf-connecting-ip"]);
    expect(headersOf(undefined, true)).toEqual(["x-forwarded-for"]);
    expect(headersOf(undefined, false)).toEqual(["x-qiflow-peer"]);
  });
});

describe("networkOf", () => {
  it.each([
    ["203.0.113.7", 48, "203.0.113.0/24"],
    ["::ffff:203.0.113.7", 48, "203.0.113.0/24"],
    ["2001:db8:12:34::1", 48, "2001:db8:12::/48"],
    ["2001:DB8:12:34ff::1", 56, "2001:db8:12:3400::/56"],
    ["2001:db8::1", 48, "2001:db8::/48"],
    ["fe80::1%eth0", 56, "fe80::/56"],
    ["::1", 48, "::/48"],
    ["unknown", 48, null],
    ["1.2.3", 48, null],
  ] as const)("returns the network of %s (IPv6: %i bits)", (address, bits, network) => {
    expect(networkOf(address, bits)).toBe(network);
  });
});
