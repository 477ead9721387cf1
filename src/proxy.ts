import { type NextRequest, NextResponse } from "next/server";
import createIntlMiddleware from "next-intl/middleware";
import { rememberCurrency } from "@/app/currency/remember-currency";
import { PATH_HEADER } from "@/auth/return-path";
import { env } from "@/env";
import { routing } from "@/i18n/routing";
import { LOCALE_PREFIXES, LOCALES, localePath, pathWithoutLocale } from "@/lib/locales";
import { readBody } from "@/lib/read-body";
import { isRefusal, REFUSAL_HEADER, REFUSALS, type Refusal } from "@/lib/refusals";
import { contentSecurityPolicy, securityHeaders } from "@/lib/security-headers";

/** Pages that are built as static HTML, without their language. Each needs a policy without a nonce. */
const STATIC_PAGES: ReadonlySet<string> = new Set([
  "/",
  "/pricing",
  "/terms",
  "/privacy",
  "/refunds",
]);

/** The limit of Next.js for the arguments of a server action. */
const MAX_BODY_BYTES = 1024 * 1024;

const https = env.APP_URL.startsWith("https://");
const development = process.env.NODE_ENV === "development";
const chooseLanguage = createIntlMiddleware(routing);

/**
 * Sets the language of every page (by path, then by cookie, then by the browser's preference), the
 * currency that static pages show, and the security headers of every response. Refuses malformed
 * requests and those of other sites. It authorizes nothing: each page, action and route checks its own
 * caller.
 */
export async function proxy(request: NextRequest): Promise<NextResponse> {
  const nonce = isStatic(request) ? null : freshNonce();
  const policy = contentSecurityPolicy({
    nonce,
    https,
    development,
    captcha: env.CAPTCHA_PROVIDER,
  });
  // Next copies the nonce from the request's policy to its inline scripts.
  if (nonce === null) request.headers.delete("content-security-policy");
  else request.headers.set("content-security-policy", policy);
  request.headers.set(PATH_HEADER, pathAndQuery(request));
  const response = await respond(request);
  response.headers.set("Content-Security-Policy", policy);
  for (const [name, value] of Object.entries(securityHeaders({ https }))) {
    response.headers.set(name, value);
  }
  return response;
}

/** Matches everything except the API and Next's files, whose headers `next.config.ts` sets. */
export const config = {
  matcher: ["/((?!api/|_next/|_vercel/).*)"],
};

async function respond(request: NextRequest): Promise<NextResponse> {
  const refusal = await refusalOf(request);
  if (refusal !== null) {
    const { status, text } = REFUSALS[refusal];
    return new NextResponse(text, { status, headers: { "Content-Type": "text/plain" } });
  }
  // A file, such as robots.txt, has no language.
  if (/\.\w+$/.test(request.nextUrl.pathname)) {
    return NextResponse.next({ request: { headers: request.headers } });
  }
  const renamed = oldPrefix(request);
  if (renamed !== null) return NextResponse.redirect(renamed, 308);
  const response = chooseLanguage(request);
  rememberCurrency(request, response, { https });
  if (!response.headers.has("location")) response.headers.set("Link", languageLinks(request));
  return response;
}

/**
 * Refuses requests from other sites and bodies that are too large. Next.js would respond to such a server
 * action with 500. Compares the same headers as Next.js, and accepts the `null` that a page without
 * referrers sends.
 */
async function refusalOf(request: NextRequest): Promise<Refusal | null> {
  const { method, headers } = request;
  const marked = headers.get(REFUSAL_HEADER);
  if (isRefusal(marked)) return marked;
  if (method === "GET" || method === "HEAD") return null;
  if (isForeign(headers)) return "foreign_origin";
  return (await isTooLarge(request)) ? "too_large" : null;
}

function isForeign(headers: Headers): boolean {
  const origin = headers.get("origin");
  if (origin === null || origin === "null") return false;
  const host = headers.get("x-forwarded-host") ?? headers.get("host");
  return !URL.canParse(origin) || new URL(origin).host !== host;
}

/** Counts the bytes of a body whose length the client doesn't declare. The page reads its own copy. */
async function isTooLarge(request: NextRequest): Promise<boolean> {
  const declared = request.headers.get("content-length");
  if (declared !== null) return Number(declared) > MAX_BODY_BYTES;
  return (await readBody(request, MAX_BODY_BYTES)) === null;
}

/** `/zh/pricing` for `/zh-CN/pricing`, a prefix that people expect and links may have; otherwise null. */
function oldPrefix({ nextUrl }: NextRequest): URL | null {
  const rest = /^\/zh-cn(?=\/|$)/i.exec(nextUrl.pathname);
  if (rest === null) return null;
  const url = nextUrl.clone();
  url.pathname = LOCALE_PREFIXES["zh-CN"] + nextUrl.pathname.slice(rest[0].length);
  return url;
}

/** The page's address in every language, for search engines (RFC 8288). */
function languageLinks({ nextUrl }: NextRequest): string {
  const path = pathWithoutLocale(nextUrl.pathname);
  const links = LOCALES.map((locale) => [locale, localePath(locale, path)] as const);
  return [...links, ["x-default", path] as const]
    .map(([language, to]) => `<${env.APP_URL}${to}>; rel="alternate"; hreflang="${language}"`)
    .join(", ");
}

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
