import { describe, expect, it } from "vitest";
import { contentSecurityPolicy, securityHeaders } from "@/lib/security-headers";

const page = { nonce: "abc", https: true, development: false };

function directive(policy: string, name: string): string | undefined {
  return policy.split("; ").find((one) => one.startsWith(`${name} `));
}

describe("the content-security policy", () => {
  it("runs only our own scripts and inline ones with this answer's nonce", () => {
    expect(directive(contentSecurityPolicy(page), "script-src")).toBe(
      "script-src 'self' 'nonce-abc'",
    );
  });

  it("allows inline scripts on static pages, which have no nonce, and still no foreign ones", () => {
    const policy = contentSecurityPolicy({ ...page, nonce: null });
    expect(directive(policy, "script-src")).toBe("script-src 'self' 'unsafe-inline'");
  });

  it("allows eval and the dev server's socket in development only", () => {
    expect(contentSecurityPolicy({ ...page, development: true })).toMatch(/'unsafe-eval'.*ws:/);
    expect(contentSecurityPolicy(page)).not.toMatch(/unsafe-eval|ws:/);
  });

  it("lets nobody frame a page, nor change its base", () => {
    const policy = contentSecurityPolicy(page);
    expect(directive(policy, "frame-ancestors")).toBe("frame-ancestors 'none'");
    expect(directive(policy, "base-uri")).toBe("base-uri 'none'");
    expect(directive(policy, "object-src")).toBe("object-src 'none'");
  });

  it("asks for https only where the site has it", () => {
    expect(contentSecurityPolicy(page)).toContain("upgrade-insecure-requests");
    expect(contentSecurityPolicy({ ...page, https: false })).not.toContain("upgrade");
    expect(securityHeaders({ https: true })).toHaveProperty("Strict-Transport-Security");
    expect(securityHeaders({ https: false })).not.toHaveProperty("Strict-Transport-Security");
  });
});
