import type { NextRequest, NextResponse } from "next/server";
import createIntlMiddleware from "next-intl/middleware";
import { PATH_HEADER } from "@/auth/return-path";
import { env } from "@/env";
import { routing } from "@/i18n/routing";
import { pathWithoutLocale } from "@/lib/locales";
import { contentSecurityPolicy, securityHeaders } from "@/lib/security-headers";

/** Pages that are built as static HTML, without their language. Each needs a policy without a nonce. */
const STATIC_PAGES: ReadonlySet<string> = new Set([
  "/",
  "/pricing",
  "/terms",
  "/privacy",
  "/refunds",
]);

const https = env.APP_URL.startsWith("https://");
const development = process.env.NODE_ENV === "development";
const chooseLanguage = createIntlMiddleware(routing);

/**
 * Sets the language of every page (by path, then by cookie, then by the browser's preference) and
 * its security headers. It authorizes nothing: each page, action and route checks its own caller.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = isStatic(request) ? null : freshNonce();
  const policy = contentSecurityPolicy({ nonce, https, development });
  // Next copies the nonce from the request's policy to its inline scripts.
  if (nonce === null) request.headers.delete("content-security-policy");
  else request.headers.set("content-security-policy", policy);
  request.headers.set(PATH_HEADER, pathAndQuery(request));
  const response = chooseLanguage(request);
  response.headers.set("Content-Security-Policy", policy);
  for (const [name, value] of Object.entries(securityHeaders({ https }))) {
    response.headers.set(name, value);
  }
  return response;
}

/** Matches everything except the API, Next's files and files with an extension. */
export const config = {
  matcher: ["/((?!api/|_next/|_vercel/|.*\\.[\\w]+$).*)"],
};

function isStatic(request: NextRequest): boolean {
  return STATIC_PAGES.has(pathWithoutLocale(request.nextUrl.pathname));
}

function freshNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes));
}

/** Drops the parameter that Next adds when it fetches a page's data. */
function pathAndQuery(request: NextRequest): string {
  const query = new URLSearchParams(request.nextUrl.searchParams);
  query.delete("_rsc");
  const search = query.toString();
  return request.nextUrl.pathname + (search === "" ? "" : `?${search}`);
}
