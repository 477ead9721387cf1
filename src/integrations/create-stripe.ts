import Stripe from "stripe";

/** The API version that payloads and types follow. */
export const STRIPE_API_VERSION = "2026-10-28.endive";

export interface StripeOptions {
  readonly secretKey: string;
  /** Base URL of the simulator; absent for Stripe itself. */
  readonly apiBase?: string | undefined;
  /** Retries of a call that got no response. Default: 2. */
  readonly maxNetworkRetries?: number;
  /** Default: 15 seconds. */
  readonly timeoutMs?: number;
}

/**
 * Creates a Stripe client with a pinned API version, a timeout and bounded retries. Retries are safe
 * because the SDK repeats a call under the same idempotency key.
 */
export function createStripe(options: StripeOptions): Stripe {
  const { secretKey, apiBase, maxNetworkRetries, timeoutMs } = options;
  return new Stripe(secretKey, {
    apiVersion: STRIPE_API_VERSION,
    timeout: timeoutMs ?? 15_000,
    maxNetworkRetries: maxNetworkRetries ?? 2,
    telemetry: false,
    appInfo: { name: "QiFlow" },
    ...(apiBase === undefined ? {} : serverAt(apiBase)),
  });
}

/** The SDK takes host, port and protocol instead of a URL. */
function serverAt(apiBase: string): { host: string; port: string; protocol: "http" | "https" } {
  const url = new URL(apiBase);
  const protocol = url.protocol === "https:" ? "https" : "http";
  return {
    host: url.hostname,
    port: url.port || (protocol === "https" ? "443" : "80"),
    protocol,
  };
}
