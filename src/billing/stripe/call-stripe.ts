import { millisecondsInMinute } from "date-fns/constants";
import Stripe from "stripe";
import { ServiceUnavailable } from "@/lib/errors";

/**
 * Runs a Stripe call that a user waits for. An outage becomes ServiceUnavailable (503); every other
 * error is a bug on our side and passes through.
 */
export async function callStripe<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (isOutage(error)) throw new ServiceUnavailable("Stripe", error);
    throw error;
  }
}

/**
 * Like `callStripe`, for a call that must happen once. Stripe keeps even its own errors under an
 * idempotency key for a day. When it replays one, the call is repeated under a key for the minute.
 * An object that the first call created (a page or a customer) stays unused at Stripe.
 */
export async function withFreshIdempotencyKey<T>(
  { key, now }: { key: string; now: Date },
  call: (options: { idempotencyKey: string }) => Promise<T>,
): Promise<T> {
  return callStripe(async () => {
    try {
      return await call({ idempotencyKey: key });
    } catch (error) {
      if (!isReplayed(error)) throw error;
      const minute = Math.floor(now.getTime() / millisecondsInMinute);
      return call({ idempotencyKey: `${key}:${minute}` });
    }
  });
}

function isReplayed(error: unknown): boolean {
  return (
    error instanceof Stripe.errors.StripeError && error.headers?.["idempotent-replayed"] === "true"
  );
}

/** Stripe's responses took longer than the limit. */
export class StripeTimeout extends Error {
  constructor(readonly timeoutMs: number) {
    super(`Stripe did not respond within ${timeoutMs / 1000} s.`);
    this.name = "StripeTimeout";
  }
}

/** Stripe refuses to void an invoice until its bank debit has settled, which takes days. */
export class PaymentProcessing extends Error {
  constructor(invoiceId: string, options: ErrorOptions) {
    super(`A payment of invoice ${invoiceId} is still processing.`, options);
    this.name = "PaymentProcessing";
  }
}

/**
 * Awaits the promise or throws after `timeoutMs`, however many calls and retries it makes. Does not
 * cancel it, so its effects must be safe even if they happen later.
 * @throws StripeTimeout
 */
export async function withTimeout<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StripeTimeout(timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** True if Stripe could not be reached, timed out, failed on its side or limited our rate. */
export function isOutage(error: unknown): boolean {
  return (
    error instanceof StripeTimeout ||
    error instanceof Stripe.errors.StripeConnectionError ||
    error instanceof Stripe.errors.StripeAPIError ||
    error instanceof Stripe.errors.StripeRateLimitError
  );
}

/** True if Stripe refuses the request itself, so that a retry cannot succeed. */
export function isRefused(error: unknown): error is Stripe.errors.StripeError {
  return (
    error instanceof Stripe.errors.StripeInvalidRequestError ||
    error instanceof Stripe.errors.StripePermissionError
  );
}

/**
 * The currency (upper case) to which Stripe binds the customer if that is why it refuses, else null.
 * Only the message says so: the error has neither a code nor a parameter.
 */
export function boundCurrencyOf(error: unknown): string | null {
  if (!isRefused(error)) return null;
  const found = /cannot combine currencies.* with currency ([a-z]{3})\b/i.exec(error.message);
  return found?.[1]?.toUpperCase() ?? null;
}

/** True if Stripe has no such object or, with `param`, none with the id in that parameter. */
export function isMissing(error: unknown, param?: string): boolean {
  return (
    error instanceof Stripe.errors.StripeError &&
    error.code === "resource_missing" &&
    (param === undefined || error.param === param)
  );
}

/** The objects of a customer; none if Stripe has deleted the customer. */
export async function noneIfMissing<One>(listed: Promise<One[]>): Promise<One[]> {
  try {
    return await listed;
  } catch (error) {
    if (isMissing(error, "customer")) return [];
    throw error;
  }
}
