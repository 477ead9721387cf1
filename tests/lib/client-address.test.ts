import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getIP } from "better-auth/api";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { clientAddressSource, recordPeerAddresses } from "@/lib/client-address";

/** Responds with the address it takes the client to have. */
let server: Server;
let origin = "";
let trustedProxies: string[] = [];
let stopRecording = () => {};

beforeAll(async () => {
  server = createServer((request, response) => {
    const ipAddress = clientAddressSource({ TRUSTED_PROXIES: trustedProxies, VERCEL: false });
    const headers = new Headers(Object.entries(request.headers).map(([k, v]) => [k, String(v)]));
    response.end(getIP(headers, { advanced: { ipAddress } }));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => stopRecording());
afterAll(() => new Promise((closed) => server.close(closed)));

const FORGED = { "x-forwarded-for": "203.0.113.9", "x-qiflow-peer": "203.0.113.9" };
const addressSeen = async (headers: Record<string, string>) =>
  (await fetch(origin, { headers })).text();

describe("recordPeerAddresses", () => {
  it("records the peer of the connection, whatever headers the client sends", async () => {
    trustedProxies = [];
    stopRecording = recordPeerAddresses({ behindProxies: false });
    expect(await addressSeen(FORGED)).toBe("127.0.0.1");
    expect(await addressSeen({})).toBe("127.0.0.1");
  });

  it("records the rightmost address that is not a trusted proxy", async () => {
    trustedProxies = ["127.0.0.0/8", "10.0.0.0/8"];
    stopRecording = recordPeerAddresses({ behindProxies: true });
    const forwarded = { ...FORGED, "x-forwarded-for": "198.51.100.1, 203.0.113.9, 10.1.2.3" };
    expect(await addressSeen(forwarded)).toBe("203.0.113.9");
  });

  it("records the peer when a request bypasses the trusted proxies", async () => {
    trustedProxies = ["10.0.0.0/8"];
    stopRecording = recordPeerAddresses({ behindProxies: true });
    expect(await addressSeen(FORGED)).toBe("127.0.0.1");
  });
});

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
