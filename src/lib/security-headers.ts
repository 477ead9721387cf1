import { CAPTCHA_ORIGINS, type CaptchaProvider } from "./captcha";

interface PageSecurity {
  /** The nonce of this response; null for a static page, whose HTML is built without one. */
  readonly nonce: string | null;
  /** The site is served over https. */
  readonly https: boolean;
  /** `next dev`: React needs eval, and the browser talks to the dev server over a web socket. */
  readonly development: boolean;
  /** The captcha of the sign-up page, to which a link on any page leads without a reload. */
  readonly captcha?: CaptchaProvider | undefined;
}

/**
 * Returns a page's content security policy: scripts from our own origin and the captcha's, and inline
 * scripts with the nonce of this response. Static pages, which show no personal data and take no input,
 * allow inline scripts instead. See `docs/decisions/0026-content-security-policy.md`.
 */
export function contentSecurityPolicy({
  nonce,
  https,
  development,
  captcha,
}: PageSecurity): string {
  const origins = captcha === undefined ? [] : CAPTCHA_ORIGINS[captcha];
  const own = ["'self'", ...origins].join(" ");
  const directives = [
    "default-src 'self'",
    `script-src ${own} ${nonce === null ? "'unsafe-inline'" : `'nonce-${nonce}'`}${development ? " 'unsafe-eval'" : ""}`,
    `style-src ${own} 'unsafe-inline'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src ${own}${development ? " ws:" : ""}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    `frame-src ${own}`,
    "frame-ancestors 'none'",
    ...(https ? ["upgrade-insecure-requests"] : []),
  ];
  return directives.join("; ");
}

/** Returns the headers that every response carries besides the policy. */
export function securityHeaders({ https }: Pick<PageSecurity, "https">): Record<string, string> {
  return {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy":
      "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    ...(https && { "Strict-Transport-Security": "max-age=63072000; includeSubDomains" }),
  };
}
