import { channel } from "node:diagnostics_channel";
import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { getIP } from "better-auth/api";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { inspectRequests } from "@/inspect-requests";
import { clientAddressSource } from "@/lib/client-address";
import { REFUSAL_HEADER } from "@/lib/refusals";

/** Responds with the client's address, the path and the refusal that a handler sees. */
let server: Server;
let port = 0;
let trustedProxies: string[] = [];
let stop = () => {};

beforeAll(async () => {
  server = createServer((incoming, response) => {
    const ipAddress = clientAddressSource({ TRUSTED_PROXIES: trustedProxies, VERCEL: false });
    const headers = new Headers(Object.entries(incoming.headers).map(([k, v]) => [k, String(v)]));
    const address = getIP(headers, { advanced: { ipAddress } });
    const refusal = headers.get(REFUSAL_HEADER);
    response.end(JSON.stringify({ address, path: incoming.url, refusal }));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  stop();
  trustedProxies = [];
});
afterAll(() => new Promise((closed) => server.close(closed)));

/** `fetch` does not send a Host header of our choice, nor a malformed path. */
async function seen(path: string, headers: Record<string, string> = {}) {
  const incoming = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    request({ host: "127.0.0.1", port, path, headers }, resolve).on("error", reject).end();
  });
  return JSON.parse(await text(incoming));
}

describe("inspectRequests", () => {
  const FORGED = { "x-forwarded-for": "203.0.113.9", "x-qiflow-peer": "203.0.113.9" };
  const addressSeen = async (headers: Record<string, string>) => (await seen("/", headers)).address;

  it("records the peer of the connection, whatever headers the client sends", async () => {
    stop = inspectRequests({ behindProxies: false, localOnly: false });
    expect(await addressSeen(FORGED)).toBe("127.0.0.1");
    expect(await addressSeen({})).toBe("127.0.0.1");
  });

  it("records the rightmost address that is not a trusted proxy", async () => {
    trustedProxies = ["127.0.0.0/8", "10.0.0.0/8"];
    stop = inspectRequests({ behindProxies: true, localOnly: false });
    const forwarded = { ...FORGED, "x-forwarded-for": "198.51.100.1, 203.0.113.9, 10.1.2.3" };
    expect(await addressSeen(forwarded)).toBe("203.0.113.9");
  });

  it("records the peer when a request bypasses the trusted proxies", async () => {
    trustedProxies = ["10.0.0.0/8"];
    stop = inspectRequests({ behindProxies: true, localOnly: false });
    expect(await addressSeen(FORGED)).toBe("127.0.0.1");
  });

  it.each(["/%ff", "/zh/%E0%A4%A", "/api/%ff", "/%ff.txt?next=/", "/a%00", "/a%0D%0Ab"])(
    "refuses the malformed path %s and hides it from every handler",
    async (path) => {
      stop = inspectRequests({ behindProxies: false, localOnly: false });
      expect(await seen(path)).toMatchObject({ path: "/refused", refusal: "malformed" });
    },
  );

  it("sends a malformed path of the API to the route that responds with a problem document", async () => {
    stop = inspectRequests({ behindProxies: false, localOnly: false });
    const refused = { path: "/api/v1/refused", refusal: "malformed" };
    expect(await seen("/api/v1/holds/%00/capture")).toMatchObject(refused);
  });

  it.each([
    ["garbage", "garbage"],
    ["JSON of another shape", encodeURIComponent('[1,{"a":2}]')],
    ["a malformed escape", "%ff"],
    ["an overlong text", "a".repeat(12_000)],
  ])("refuses %s as the router's state", async (_, state) => {
    stop = inspectRequests({ behindProxies: false, localOnly: false });
    const headers = { rsc: "1", "next-router-state-tree": state };
    expect(await seen("/", headers)).toMatchObject({ refusal: "malformed" });
  });

  it("passes valid requests on without the marks that a client sends", async () => {
    stop = inspectRequests({ behindProxies: false, localOnly: false });
    const state = encodeURIComponent(JSON.stringify(["", { children: ["__PAGE__", {}] }]));
    const headers = {
      host: "qiflow.example",
      "next-router-state-tree": state,
      [REFUSAL_HEADER]: "malformed",
    };
    const path = "/zh/%E5%85%AB%E5%AD%97?q=%ff";
    expect(await seen(path, headers)).toMatchObject({ path, refusal: null });
  });

  it.each(["localhost", "localhost:3000", "127.0.0.1:3000", "[::1]:3000"])(
    "accepts the host %s in the embedded mode",
    async (host) => {
      stop = inspectRequests({ behindProxies: false, localOnly: true });
      expect(await seen("/dev/mail", { host })).toMatchObject({ refusal: null });
    },
  );

  it.each(["evil.example:3000", "localhost.evil.example", "localhost@evil.example", "10.0.0.7"])(
    "refuses the host %j in the embedded mode",
    async (host) => {
      stop = inspectRequests({ behindProxies: false, localOnly: true });
      const refused = { path: "/refused", refusal: "not_local" };
      expect(await seen("/api/dev/clock", { host })).toMatchObject(refused);
    },
  );

  it("refuses a peer on another machine in the embedded mode", async () => {
    stop = inspectRequests({ behindProxies: true, localOnly: true });
    const remote = Object.create(null, { remoteAddress: { value: "192.0.2.7" } });
    const incoming = { socket: remote, url: "/dev/mail", headers: { host: "localhost:3000" } };
    channel("http.server.request.start").publish({ request: incoming });
    expect(incoming).toMatchObject({ url: "/refused" });
  });
});
