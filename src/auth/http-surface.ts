import type { BetterAuthPlugin } from "better-auth";

/**
 * The only routes of better-auth that answer over HTTP. Everything else it brings (the admin
 * plugin's set-role, impersonate and remove-user, update-user, list-sessions with its tokens …)
 * would go past our own checks and the audit log; an upgrade cannot open a new door either.
 */
const ROUTES: ReadonlySet<string> = new Set([
  "/sign-up/email",
  "/sign-in/email",
  "/sign-in/social",
  "/callback/google",
  "/callback/github",
  "/sign-out",
  "/get-session",
  "/request-password-reset",
  "/reset-password",
  "/send-verification-email",
  "/verify-email",
  "/change-password",
  "/error",
]);

/** Answers 404 to every route of better-auth that is not in the list above. */
export function httpSurface() {
  return {
    id: "http-surface",
    async onRequest(request, context) {
      const { pathname } = new URL(request.url);
      const basePath = context.options.basePath ?? "/api/auth";
      const route = pathname.startsWith(basePath) ? pathname.slice(basePath.length) : "";
      if (ROUTES.has(route.replace(/\/$/, ""))) return;
      return { response: Response.json({ code: "NOT_FOUND" }, { status: 404 }) };
    },
  } satisfies BetterAuthPlugin;
}
