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
  const isProduction = !env.QIFLOW_EMBEDDED && process.env.NODE_ENV === "production";
  await adoptPrices({ check: isProduction });
  if (!env.QIFLOW_EMBEDDED) return;
  const { loadClockOffset } = await import("@/db/load-clock-offset");
  await loadClockOffset();
}

/**
 * Stores the terms of the prices that are sold, and of those that variables of earlier versions name.
 * An outage does not stop the start: a price is also adopted when it is first used. A wrong price
 * raises an alert in production.
 */
async function adoptPrices({ check }: { check: boolean }): Promise<void> {
  const [{ billingDeps }, { ITEMS }, { logger }, { reportPriceMismatches }] = await Promise.all([
    import("@/billing/deps"),
    import("@/catalog/items"),
    import("@/lib/logger"),
    import("@/billing/stripe/check-prices"),
  ]);
  try {
    await billingDeps.prices.adoptAll(ITEMS);
  } catch (error) {
    logger.error({ err: error }, "the prices at Stripe were not adopted at start");
  }
  if (check) void reportPriceMismatches(billingDeps);
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
