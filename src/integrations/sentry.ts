import { env } from "@/env";
import { describeError } from "@/lib/errors";

/** A serverless host stops the process soon after the answer: what is not sent by then is lost. */
const FLUSH_LIMIT_MS = 2_000;

/** Loaded only when it is configured: the SDK is heavy and most laptops have no DSN. */
async function loadSentry() {
  if (env.SENTRY_DSN === undefined) return undefined;
  const sentry = await import("@sentry/node");
  if (sentry.getClient() === undefined) {
    sentry.init({ dsn: env.SENTRY_DSN });
  }
  return sentry;
}

/** Starts Sentry at the process's start, so that it sees what nobody catches. */
export async function startSentry(): Promise<void> {
  await loadSentry();
}

/**
 * Reports something the people who run the site must know; nothing without SENTRY_DSN. Throws when it
 * has not left within the time limit.
 */
export async function reportMessage(
  message: string,
  facts: Readonly<Record<string, string | number | null>>,
): Promise<void> {
  const sentry = await loadSentry();
  if (sentry === undefined) return;
  sentry.captureMessage(message, { level: "error", extra: { ...facts } });
  if (!(await sentry.flush(FLUSH_LIMIT_MS))) throw new Error("Sentry did not answer in time.");
}

/** Reports an error that was handled as 500, described as the log does it; nothing without SENTRY_DSN. */
export async function reportError(error: unknown): Promise<void> {
  const sentry = await loadSentry();
  if (sentry === undefined) return;
  sentry.captureMessage("an error nobody expected", {
    level: "error",
    extra: { error: describeError(error) },
  });
  await sentry.flush(FLUSH_LIMIT_MS);
}
