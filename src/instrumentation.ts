import type { Instrumentation } from "next";

/** Runs once when the server starts, before it handles requests. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const [{ env }, { inspectRequests }, { startSentry }] = await Promise.all([
    import("@/env"),
    import("@/inspect-requests"),
    import("@/integrations/sentry"),
  ]);
  await startSentry();
  inspectRequests({
    behindProxies: env.TRUSTED_PROXIES.length > 0,
    localOnly: env.QIFLOW_EMBEDDED,
  });
  const { demoteUnlistedAdminsAtStart } = await import("@/accounts/admins");
  await demoteUnlistedAdminsAtStart();
  const { adoptPrices } = await import("@/billing/prices/adopt-prices");
  const isProduction = !env.QIFLOW_EMBEDDED && process.env.NODE_ENV === "production";
  await adoptPrices({ check: isProduction });
  const { setLowBalanceAtStart } = await import("@/jobs/drain-signals");
  await setLowBalanceAtStart();
  const { drainAfterResponses, drainSignalsAfterWrites } = await import(
    "@/app/drain-after-response"
  );
  drainAfterResponses();
  drainSignalsAfterWrites();
  if (!env.QIFLOW_EMBEDDED) return;
  const [{ db }, { loadClockOffset }, { restartTickCalls }] = await Promise.all([
    import("@/db"),
    import("@/db/load-clock-offset"),
    import("@/jobs/tick-calls"),
  ]);
  await restartTickCalls(db);
  await loadClockOffset();
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
