import Stripe from "stripe";
import { ServiceUnavailable } from "@/lib/errors";

const HOUR_MS = 3_600_000;

/**
 * A call to Stripe that a person waits for. When Stripe can't be reached or fails on its side, the
 * person is told so (ServiceUnavailable, 503); anything else is a fault of ours and passes through.
 */
export async function askStripe<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (isOutage(error)) throw new ServiceUnavailable("Stripe", error);
    throw error;
  }
}

/**
 * The same for a call that may be made once only. Stripe keeps an error for its idempotency key for a
 * day, also one of its own, and answers with it again and again; then it is asked anew, once an hour,
 * under the hour's own key. What the first call did all the same (a page, a customer that nobody
 * knows of) is left behind.
 */
export async function withFreshIdempotencyKey<T>(
  { key, now }: { key: string; now: Date },
  call: (options: { idempotencyKey: string }) => Promise<T>,
): Promise<T> {
  return askStripe(async () => {
    try {
      return await call({ idempotencyKey: key });
    } catch (error) {
      if (!isReplayed(error)) throw error;
      const hour = Math.floor(now.getTime() / HOUR_MS);
      return call({ idempotencyKey: `${key}:${hour}` });
    }
  });
}

function isReplayed(error: unknown): boolean {
  return (
    error instanceof Stripe.errors.StripeError && error.headers?.["idempotent-replayed"] === "true"
  );
}

/** Stripe did not answer everything within the time that there was for it. */
export class StripeTooSlow extends Error {
  constructor(readonly timeoutMs: number) {
    super(`Stripe did not answer everything within ${timeoutMs / 1000} s.`);
    this.name = "StripeTooSlow";
  }
}

/**
 * What `asking` comes to, if it does within `timeoutMs`, however many calls it makes and however
 * often the client repeats one. It is not stopped then: give it nothing to do that may not be done
 * later.
 * @throws StripeTooSlow
 */
export async function withTimeout<T>(timeoutMs: number, asking: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new StripeTooSlow(timeoutMs)), timeoutMs);
  });
  try {
    return await Promise.race([asking, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** True if Stripe could not be reached, failed on its side or has had enough of us for the moment. */
export function isOutage(error: unknown): boolean {
  return (
    error instanceof StripeTooSlow ||
    error instanceof Stripe.errors.StripeConnectionError ||
    error instanceof Stripe.errors.StripeAPIError ||
    error instanceof Stripe.errors.StripeRateLimitError
  );
}

/** True if Stripe answered that it has no such object (or, with `param`, none named by that one). */
export function isMissing(error: unknown, param?: string): boolean {
  return (
    error instanceof Stripe.errors.StripeError &&
    error.code === "resource_missing" &&
    (param === undefined || error.param === param)
  );
}
