import { describe, expect, it } from "vitest";
import { clientAddressSource } from "@/lib/client-address";

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
