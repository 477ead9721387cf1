import { env } from "@/env";
import { describeError } from "@/lib/errors";

/** A serverless host may stop the process after the response, so every report is flushed. */
const FLUSH_TIMEOUT_MS = 2_000;

/** Imported on demand, because the SDK is large and most laptops have no DSN. */
async function loadSentry() {
  if (env.SENTRY_DSN === undefined) return undefined;
  const sentry = await import("@sentry/node");
  if (sentry.getClient() === undefined) {
    sentry.init({ dsn: env.SENTRY_DSN });
  }
  return sentry;
}

/** Initializes Sentry when the process starts, so that it captures uncaught errors. */
export async function startSentry(): Promise<void> {
  await loadSentry();
}

/**
 * Sends a message to Sentry. Does nothing without SENTRY_DSN.
 * @throws when Sentry does not accept it in time
 */
export async function reportMessage(
  message: string,
  facts: Readonly<Record<string, string | number | null>>,
): Promise<void> {
  const sentry = await loadSentry();
  if (sentry === undefined) return;
  sentry.captureMessage(message, { level: "error", extra: { ...facts } });
  if (!(await sentry.flush(FLUSH_TIMEOUT_MS))) throw new Error("Sentry did not respond in time.");
}

/** Reports an unexpected error, described as in the log. Does nothing without SENTRY_DSN. */
export async function reportError(error: unknown): Promise<void> {
  const sentry = await loadSentry();
  if (sentry === undefined) return;
  sentry.captureMessage("Unexpected error", {
    level: "error",
    extra: { error: describeError(error) },
  });
  await sentry.flush(FLUSH_TIMEOUT_MS);
}
