import Stripe from "stripe";
import { ServiceUnavailable } from "@/lib/errors";

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

/** True if Stripe could not be reached, failed on its side or has had enough of us for the moment. */
export function isOutage(error: unknown): boolean {
  return (
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
