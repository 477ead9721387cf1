import { describe, expect, it } from "vitest";
import { contentSecurityPolicy, securityHeaders } from "@/lib/security-headers";

const page = { nonce: "abc", https: true, development: false };

function directive(policy: string, name: string): string | undefined {
  return policy.split("; ").find((one) => one.startsWith(`${name} `));
}

describe("contentSecurityPolicy", () => {
  it("allows our own scripts and inline scripts with the nonce", () => {
    expect(directive(contentSecurityPolicy(page), "script-src")).toBe(
      "script-src 'self' 'nonce-abc'",
    );
  });

  it("allows inline scripts, but none from other origins, on static pages", () => {
    const policy = contentSecurityPolicy({ ...page, nonce: null });
    expect(directive(policy, "script-src")).toBe("script-src 'self' 'unsafe-inline'");
  });

  it("allows the scripts and frames of the captcha only where it is switched on", () => {
    const origin = "https://challenges.cloudflare.com";
    const policy = contentSecurityPolicy({ ...page, captcha: "turnstile" });
    expect(directive(policy, "script-src")).toBe(`script-src 'self' ${origin} 'nonce-abc'`);
    expect(directive(policy, "frame-src")).toBe(`frame-src 'self' ${origin}`);
    expect(contentSecurityPolicy({ ...page, captcha: "hcaptcha" })).toContain("hcaptcha.com");
    expect(contentSecurityPolicy(page)).not.toMatch(/cloudflare|hcaptcha/);
  });

  it("allows eval and web sockets in development only", () => {
    expect(contentSecurityPolicy({ ...page, development: true })).toMatch(/'unsafe-eval'.*ws:/);
    expect(contentSecurityPolicy(page)).not.toMatch(/unsafe-eval|ws:/);
  });

  it("forbids frames around a page and a changed base URL", () => {
    const policy = contentSecurityPolicy(page);
    expect(directive(policy, "frame-ancestors")).toBe("frame-ancestors 'none'");
    expect(directive(policy, "base-uri")).toBe("base-uri 'none'");
    expect(directive(policy, "object-src")).toBe("object-src 'none'");
  });

  it("upgrades insecure requests only if the site uses https", () => {
    expect(contentSecurityPolicy(page)).toContain("upgrade-insecure-requests");
    expect(contentSecurityPolicy({ ...page, https: false })).not.toContain("upgrade");
  });
});

describe("securityHeaders", () => {
  it("sends Strict-Transport-Security only if the site uses https", () => {
    expect(securityHeaders({ https: true })).toHaveProperty("Strict-Transport-Security");
    expect(securityHeaders({ https: false })).not.toHaveProperty("Strict-Transport-Security");
  });
});
