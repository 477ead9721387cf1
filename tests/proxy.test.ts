import { NextRequest, type NextResponse } from "next/server";
import { beforeAll, describe, expect, it } from "vitest";
import { stubEnvironment } from "./support/stub-environment";

let proxy: (request: NextRequest) => NextResponse;
beforeAll(async () => {
  stubEnvironment({ APP_URL: "https://qiflow.example", DATABASE_URL: "postgres://unused" });
  ({ proxy } = await import("@/proxy"));
});

function send(path: string, headers: Record<string, string> = {}, method = "GET") {
  const all = { host: "qiflow.example", ...headers };
  return proxy(new NextRequest(`https://qiflow.example${path}`, { method, headers: all }));
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
    (path) => {
      const { headers } = send(path);
      for (const name of SECURITY_HEADERS) expect(headers.get(name), name).not.toBeNull();
    },
  );

  it("looks up no language for a path with an extension", () => {
    const response = send("/robots.txt", { "accept-language": "zh-CN" });
    expect(response.headers.get("x-middleware-next")).toBe("1");
    expect(response.headers.get("link")).toBeNull();
  });

  it.each([
    ["/zh-CN", "/zh"],
    ["/zh-CN/pricing?interval=year", "/zh/pricing?interval=year"],
    ["/zh-cn/bazi/new", "/zh/bazi/new"],
  ])("redirects %s to %s", (path, to) => {
    const response = send(path);
    expect(response.status).toBe(308);
    expect(response.headers.get("location")).toBe(`https://qiflow.example${to}`);
  });

  it("names the page in every language under the configured address", () => {
    const elsewhere = { host: "evil.example", "x-forwarded-host": "evil.example" };
    expect(send("/zh/pricing", elsewhere).headers.get("link")).toBe(
      '<https://qiflow.example/pricing>; rel="alternate"; hreflang="en", ' +
        '<https://qiflow.example/zh/pricing>; rel="alternate"; hreflang="zh-CN", ' +
        '<https://qiflow.example/pricing>; rel="alternate"; hreflang="x-default"',
    );
  });

  it.each(["https://evil.example", "http://qiflow.example:1", "garbage", "data:text/html,x"])(
    "refuses a POST from the origin %s",
    async (origin) => {
      for (const path of ["/settings", "/missing.txt"]) {
        const response = send(path, { origin, "next-action": "40aa" }, "POST");
        expect(response.status).toBe(403);
        expect(await response.text()).toBe("This request comes from a page of another site.");
        expect(response.headers.get("x-frame-options")).toBe("DENY");
      }
    },
  );

  it("refuses a body above 1 MB", () => {
    const statusFor = (bytes: number) =>
      send("/settings", { "content-length": String(bytes) }, "POST").status;
    expect(statusFor(1024 * 1024 + 1)).toBe(413);
    expect(statusFor(1024 * 1024)).toBe(200);
  });

  it.each(["https://qiflow.example", "null"])("accepts a POST from the origin %s", (origin) => {
    expect(send("/settings", { origin }, "POST").status).toBe(200);
  });

  it.each([
    ["malformed", 400],
    ["not_local", 403],
  ])("responds to the mark %s with %i and a sentence", async (mark, status) => {
    const response = send("/refused", { "x-qiflow-refusal": mark });
    expect(response.status).toBe(status);
    expect(await response.text()).toMatch(/^[A-Z].*\.$/);
  });
});
