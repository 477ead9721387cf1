import { NextRequest, type NextResponse } from "next/server";
import { beforeAll, describe, expect, it } from "vitest";
import { stubEnvironment } from "./support/stub-environment";

let proxy: (request: NextRequest) => Promise<NextResponse>;
beforeAll(async () => {
  stubEnvironment({ APP_URL: "https://qiflow.example", DATABASE_URL: "postgres://unused" });
  ({ proxy } = await import("@/proxy"));
});

function send(
  path: string,
  headers: Record<string, string> = {},
  { method = "GET", body }: { method?: string; body?: string } = {},
) {
  const all = { host: "qiflow.example", ...headers };
  const url = `https://qiflow.example${path}`;
  return proxy(new NextRequest(url, { method, headers: all, ...(body && { body }) }));
}

const SECURITY_HEADERS = [
  "content-security-policy",
  "strict-transport-security",
  "x-content-type-options",
  "x-frame-options",
  "referrer-policy",
  "permissions-policy",
  "cross-origin-opener-policy",
];

describe("proxy", () => {
  it.each(["/pricing", "/zh/credits", "/robots.txt", "/missing.txt", "/zh/a.b.html"])(
    "sets the security headers of %s",
    async (path) => {
      const { headers } = await send(path);
      for (const name of SECURITY_HEADERS) expect(headers.get(name), name).not.toBeNull();
    },
  );

  it("looks up no language for a path with an extension", async () => {
    const response = await send("/robots.txt", { "accept-language": "zh-CN" });
    expect(response.headers.get("x-middleware-next")).toBe("1");
    expect(response.headers.get("link")).toBeNull();
  });

  it.each([
    ["/zh-CN", "/zh"],
    ["/zh-CN/pricing?interval=year", "/zh/pricing?interval=year"],
    ["/zh-cn/bazi/new", "/zh/bazi/new"],
  ])("redirects %s to %s", async (path, to) => {
    const response = await send(path);
    expect(response.status).toBe(308);
    expect(response.headers.get("location")).toBe(`https://qiflow.example${to}`);
  });

  it("names the page in every language under the configured address", async () => {
    const elsewhere = { host: "evil.example", "x-forwarded-host": "evil.example" };
    expect((await send("/zh/pricing", elsewhere)).headers.get("link")).toBe(
      '<https://qiflow.example/pricing>; rel="alternate"; hreflang="en", ' +
        '<https://qiflow.example/zh/pricing>; rel="alternate"; hreflang="zh-CN", ' +
        '<https://qiflow.example/pricing>; rel="alternate"; hreflang="x-default"',
    );
  });

  it.each(["https://evil.example", "http://qiflow.example:1", "garbage", "data:text/html,x"])(
    "refuses a POST from the origin %s",
    async (origin) => {
      for (const path of ["/settings", "/missing.txt"]) {
        const response = await send(path, { origin, "next-action": "40aa" }, { method: "POST" });
        expect(response.status).toBe(403);
        expect(await response.text()).toBe("This request comes from a page of another site.");
        expect(response.headers.get("x-frame-options")).toBe("DENY");
      }
    },
  );

  it("refuses a body above 1 MB by its declared length", async () => {
    const declare = (bytes: number) =>
      send("/settings", { "content-length": String(bytes) }, { method: "POST" });
    expect((await declare(1024 * 1024 + 1)).status).toBe(413);
    expect((await declare(1024 * 1024)).status).toBe(200);
  });

  it("refuses a body above 1 MB without a declared length", async () => {
    const stream = (bytes: number) =>
      send("/settings", {}, { method: "POST", body: "x".repeat(bytes) });
    expect((await stream(1024 * 1024 + 1)).status).toBe(413);
    expect((await stream(1024 * 1024)).status).toBe(200);
  });

  it.each(["https://qiflow.example", "null"])(
    "accepts a POST from the origin %s",
    async (origin) => {
      expect((await send("/settings", { origin }, { method: "POST" })).status).toBe(200);
    },
  );

  it.each([
    ["malformed", 400],
    ["not_local", 403],
  ])("responds to the mark %s with %i and a sentence", async (mark, status) => {
    const response = await send("/refused", { "x-qiflow-refusal": mark });
    expect(response.status).toBe(status);
    expect(await response.text()).toMatch(/^[A-Z].*\.$/);
  });
});
