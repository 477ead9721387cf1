export interface PageSecurity {
  /** Of this one answer; null for a static page, whose HTML was made at build time and has none. */
  readonly nonce: string | null;
  /** The app is reached over https. */
  readonly https: boolean;
  /** `next dev`: React needs eval, and the browser talks to the dev server over a web socket. */
  readonly development: boolean;
}

/**
 * The content-security policy of a page. Scripts come from our own origin only; inline scripts need
 * the nonce of this answer. On static pages, which show nothing personal and take no input, the
 * inline scripts with which Next hydrates cannot carry a nonce, so `'unsafe-inline'` stands there:
 * hashes would have to be collected after each build, and a nonce would make the pages dynamic.
 * No `'strict-dynamic'`: it would switch `'self'` off, by which `/theme.js` and all chunks load.
 * Inline styles are allowed as the components place their popups and charts with them.
 */
export function contentSecurityPolicy({ nonce, https, development }: PageSecurity): string {
  const directives = [
    "default-src 'self'",
    `script-src 'self' ${nonce === null ? "'unsafe-inline'" : `'nonce-${nonce}'`}${development ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    `connect-src 'self'${development ? " ws:" : ""}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-src 'self'",
    "frame-ancestors 'none'",
    ...(https ? ["upgrade-insecure-requests"] : []),
  ];
  return directives.join("; ");
}

/** What every answer carries besides the policy. */
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
