import { createServer } from "node:http";
import type { AddressInfo, LookupFunction } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { checkUrl, safePost } from "@/webhooks/safe-post";

const message = { headers: {}, body: "{}" };

/** DNS that resolves every name to these addresses. */
function resolvesTo(...addresses: string[]) {
  return vi.fn<LookupFunction>((_hostname, _options, callback) => {
    const found = addresses.map((address) => ({
      address,
      family: address.includes(":") ? 6 : 4,
    }));
    callback(null, found);
  });
}

describe("checkUrl", () => {
  it.each([
    ["http://example.com/", "https"],
    ["ftp://example.com/", "https"],
    ["file:///etc/passwd", "https"],
    ["javascript:alert(1)", "https"],
    ["not a url", "not a URL"],
    [`https://example.com/${"a".repeat(600)}`, "not a URL"],
    ["https://user:password@example.com/", "password"],
    ["https://localhost/", "not public"],
    ["https://127.0.0.1/", "not public"],
    ["https://127.1/", "not public"],
    ["https://2130706433/", "not public"],
    ["https://0x7f000001/", "not public"],
    ["https://017700000001/", "not public"],
    ["https://0.0.0.0/", "not public"],
    ["https://10.1.2.3/", "not public"],
    ["https://172.16.0.1/", "not public"],
    ["https://192.168.1.1/", "not public"],
    ["https://100.64.0.1/", "not public"],
    ["https://169.254.169.254/latest/meta-data/", "not public"],
    ["https://224.0.0.1/", "not public"],
    ["https://255.255.255.255/", "not public"],
    ["https://[::1]/", "not public"],
    ["https://[::]/", "not public"],
    ["https://[::ffff:127.0.0.1]/", "not public"],
    ["https://[::ffff:a9fe:a9fe]/", "not public"],
    ["https://[fe80::1]/", "not public"],
    ["https://[fc00::1]/", "not public"],
    ["https://[64:ff9b::7f00:1]/", "not public"],
    ["https://[2002:7f00:1::]/", "not public"],
    ["https://[::127.0.0.1]/", "not public"],
    ["https://[::a9fe:a9fe]/", "not public"],
    ["https://[fec0::1]/", "not public"],
    ["https://[3fff::1]/", "not public"],
  ])("refuses %s", (url, reason) => {
    expect(() => checkUrl(url, { allowLoopback: false })).toThrow(reason);
  });

  it.each(["https://example.com/hook?a=1", "https://1.1.1.1:8443/", "https://[2606:4700::1]/"])(
    "accepts %s",
    (url) => {
      expect(checkUrl(url, { allowLoopback: false }).href).toBe(url);
    },
  );

  it("accepts this machine, also without TLS, only in the embedded mode", () => {
    for (const url of ["http://localhost:4000/", "http://127.0.0.1:4000/", "http://[::1]:4000/"])
      expect(checkUrl(url, { allowLoopback: true }).href).toBe(url);
    expect(() => checkUrl("http://10.0.0.1/", { allowLoopback: true })).toThrow("https");
    expect(() => checkUrl("https://10.0.0.1/", { allowLoopback: true })).toThrow("not public");
    expect(() => checkUrl("http://example.com/", { allowLoopback: true })).toThrow("https");
  });
});

describe("safePost", () => {
  let requests = 0;
  let port: number;
  const server = createServer((request, response) => {
    requests += 1;
    if (request.url === "/slow") return;
    if (request.url === "/long") {
      response.writeHead(200);
      const timer = setInterval(() => response.write("x".repeat(65_536)), 1);
      response.on("close", () => clearInterval(timer));
      return;
    }
    response.writeHead(200).end("fine");
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each([
    ["127.0.0.1"],
    ["10.0.0.1"],
    ["169.254.169.254"],
    ["::1"],
    ["::ffff:10.0.0.1"],
    ["fd00::1"],
    ["93.184.215.14", "10.0.0.1"],
    ["10.0.0.1", "93.184.215.14"],
  ])("connects to no name that resolves to %s", async (...addresses) => {
    const lookup = resolvesTo(...addresses);
    const posted = safePost("https://innocent.example/", message, { allowLoopback: false, lookup });
    await expect(posted).rejects.toThrow("not public");
    expect(lookup).toHaveBeenCalledTimes(1);
  });

  it("refuses other names that resolve to this machine, even in the embedded mode", async () => {
    const lookup = resolvesTo("127.0.0.1");
    const url = `https://rebound.example:${port}/`;
    await expect(safePost(url, message, { allowLoopback: true, lookup })).rejects.toThrow(
      "not public",
    );
    expect(requests).toBe(0);
  });

  it("resolves a name once and connects to the address that it has checked", async () => {
    const lookup = resolvesTo("127.0.0.1");
    const url = `http://localhost:${port}/`;
    expect(await safePost(url, message, { allowLoopback: true, lookup })).toEqual({
      status: 200,
      excerpt: "fine",
    });
    expect(lookup).toHaveBeenCalledTimes(1);
  });

  it("fails when the endpoint does not respond in time", async () => {
    const url = `http://127.0.0.1:${port}/slow`;
    const options = { allowLoopback: true, timeoutMs: 100 };
    await expect(safePost(url, message, options)).rejects.toThrow(/timeout|aborted/i);
  });

  it("reads no more than the beginning of an endless response", async () => {
    const url = `http://127.0.0.1:${port}/long`;
    const { excerpt } = await safePost(url, message, { allowLoopback: true });
    expect(excerpt).toBe("x".repeat(1024));
  });
});
