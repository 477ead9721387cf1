import type { Instrumentation } from "next";

/** Runs once when the server starts, before it handles requests. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const [{ env }, { recordPeerAddresses }, { startSentry }] = await Promise.all([
    import("@/env"),
    import("@/lib/client-address"),
    import("@/integrations/sentry"),
  ]);
  await startSentry();
  recordPeerAddresses({ behindProxies: env.TRUSTED_PROXIES.length > 0 });
  if (!env.QIFLOW_EMBEDDED) {
    if (process.env.NODE_ENV === "production") await checkPricesInBackground();
    return;
  }
  const { loadClockOffset } = await import("@/db/load-clock-offset");
  await loadClockOffset();
}

/** A wrong price raises an alert. It does not stop the start, which must not depend on Stripe. */
async function checkPricesInBackground(): Promise<void> {
  const [{ billingDeps }, { reportPriceMismatches }] = await Promise.all([
    import("@/billing/deps"),
    import("@/billing/stripe/check-prices"),
  ]);
  void reportPriceMismatches(billingDeps);
}

/** Logs and reports an error that a page, an action or a route threw. */
export const onRequestError: Instrumentation.onRequestError = async (error, request, context) => {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const [{ logger }, { reportError }] = await Promise.all([
    import("@/lib/logger"),
    import("@/integrations/sentry"),
  ]);
  // The route's pattern, because the URL may contain a token.
  logger.error(
    { err: error, method: request.method, route: context.routePath, kind: context.routeType },
    "request failed",
  );
  await reportError(error);
};
