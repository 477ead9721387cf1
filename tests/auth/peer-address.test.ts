import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { getIP } from "better-auth/api";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { clientAddress } from "@/auth/client-address";
import { notePeerAddresses } from "@/auth/peer-address";

/** A host that answers whom it takes the caller for. */
let server: Server;
let origin = "";
let trustedProxies: string[] = [];
let stop = () => {};

beforeAll(async () => {
  server = createServer((request, response) => {
    const ipAddress = clientAddress({ header: undefined, trustedProxies, onVercel: false });
    const headers = new Headers(Object.entries(request.headers).map(([k, v]) => [k, String(v)]));
    response.end(getIP(headers, { advanced: { ipAddress } }));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => stop());
afterAll(() => new Promise((closed) => server.close(closed)));

const forged = { "x-forwarded-for": "203.0.113.9", "x-qiflow-peer": "203.0.113.9" };
const seenAs = async (headers: Record<string, string>) => (await fetch(origin, { headers })).text();

describe("the address of whoever calls a bare host", () => {
  it("is that of the connection, whatever the client wrote", async () => {
    trustedProxies = [];
    stop = notePeerAddresses({ behindProxies: false });
    expect(await seenAs(forged)).toBe("127.0.0.1");
    expect(await seenAs({})).toBe("127.0.0.1");
  });

  it("is the first from the right that is none of our proxies", async () => {
    trustedProxies = ["127.0.0.0/8", "10.0.0.0/8"];
    stop = notePeerAddresses({ behindProxies: true });
    const through = { ...forged, "x-forwarded-for": "198.51.100.1, 203.0.113.9, 10.1.2.3" };
    expect(await seenAs(through)).toBe("203.0.113.9");
  });

  it("is that of the connection when it does not come through a proxy of ours", async () => {
    trustedProxies = ["10.0.0.0/8"];
    stop = notePeerAddresses({ behindProxies: true });
    expect(await seenAs(forged)).toBe("127.0.0.1");
  });
});

describe("the header that tells it", () => {
  it("is the one the host names, and on Vercel its own", () => {
    const headerOf = (header: string | undefined, onVercel: boolean) =>
      clientAddress({ header, trustedProxies: [], onVercel }).ipAddressHeaders;
    expect(headerOf("cf-connecting-ip", true)).toEqual(["cf-connecting-ip"]);
    expect(headerOf(undefined, true)).toEqual(["x-forwarded-for"]);
    expect(headerOf(undefined, false)).toEqual(["x-qiflow-peer"]);
  });
});
