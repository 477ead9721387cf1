import Stripe from "stripe";

/** The API version this code was written against; payload shapes and types follow it. */
export const STRIPE_API_VERSION = "2026-10-28.endive";

export interface StripeOptions {
  readonly secretKey: string;
  /** Where calls go instead of Stripe (the simulator); the SDK has no base URL of its own. */
  readonly apiBase?: string | undefined;
  /** How often a call that got no answer is repeated; 2 if not given. */
  readonly maxNetworkRetries?: number;
  /** How long a call may take before it counts as unanswered; 15 s if not given. */
  readonly timeoutMs?: number;
}

/**
 * A Stripe client with a pinned version, a time limit and a bounded retry. Retries are safe: the SDK
 * sends each of them with the same idempotency key.
 */
export function createStripe(options: StripeOptions): Stripe {
  const { secretKey, apiBase, maxNetworkRetries, timeoutMs } = options;
  return new Stripe(secretKey, {
    apiVersion: STRIPE_API_VERSION,
    timeout: timeoutMs ?? 15_000,
    maxNetworkRetries: maxNetworkRetries ?? 2,
    telemetry: false,
    appInfo: { name: "QiFlow" },
    ...(apiBase === undefined ? {} : addressOf(apiBase)),
  });
}

function addressOf(apiBase: string): { host: string; port: string; protocol: "http" | "https" } {
  const url = new URL(apiBase);
  const protocol = url.protocol === "https:" ? "https" : "http";
  return {
    host: url.hostname,
    port: url.port || (protocol === "https" ? "443" : "80"),
    protocol,
  };
}
