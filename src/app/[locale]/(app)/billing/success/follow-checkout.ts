import { millisecondsInMinute, millisecondsInSecond } from "date-fns/constants";
import { z } from "zod/mini";
import { onNextView, type PageVisibility, whenVisible } from "@/components/balance/page-visibility";

/** Polling stops after this time. Some payment methods take days. */
export const TIMEOUT_MS = 10 * millisecondsInMinute;

const FIRST_PAUSE_MS = millisecondsInSecond;
const LONGEST_PAUSE_MS = 30 * millisecondsInSecond;
const REQUEST_TIMEOUT_MS = 10 * millisecondsInSecond;

const responseSchema = z.object({
  status: z.enum(["granted", "waiting", "failed"]),
  credits: z.int(),
  available: z.int(),
});

/**
 * The state of a checkout session. `unknown`: it does not belong to the user. `offline`: no usable
 * response, because of the connection, the server or a rate limit.
 */
export type CheckoutStatus =
  | z.infer<typeof responseSchema>
  | { readonly status: "unknown" }
  | { readonly status: "offline"; readonly retryAfterSeconds: number };

export interface CheckoutUpdate {
  readonly checkout: CheckoutStatus;
  /** How many requests were sent so far. */
  readonly requests: number;
}

/**
 * Polls a checkout session until it is settled, with growing pauses, for ten minutes. Afterwards it
 * sends one request each time the reader returns to the page. It never polls a hidden page, because
 * a request may cause a call to Stripe. Returns a function that stops it.
 */
export function followCheckout({
  load,
  onUpdate,
  page,
}: {
  load: () => Promise<CheckoutStatus>;
  onUpdate: (update: CheckoutUpdate) => void;
  page: PageVisibility;
}): () => void {
  let waitedMs = 0;
  let stopped = false;
  let cancel = () => {};

  const request = async (requests: number) => {
    const checkout = await load();
    if (stopped) return;
    onUpdate({ checkout, requests });
    if (checkout.status === "waiting" || checkout.status === "offline") wait(checkout, requests);
  };
  const wait = (checkout: CheckoutStatus, requests: number) => {
    const next = () => void request(requests + 1);
    if (waitedMs >= TIMEOUT_MS) {
      cancel = onNextView(page, next);
      return;
    }
    const pause = pauseMs(checkout, requests);
    waitedMs += pause;
    const timer = setTimeout(() => {
      cancel = whenVisible(page, next);
    }, pause);
    cancel = () => clearTimeout(timer);
  };

  void request(1);
  return () => {
    stopped = true;
    cancel();
  };
}

function pauseMs(checkout: CheckoutStatus, requests: number): number {
  const retryAfterMs =
    checkout.status === "offline" ? checkout.retryAfterSeconds * millisecondsInSecond : 0;
  return Math.max(
    retryAfterMs,
    Math.min(FIRST_PAUSE_MS * 1.35 ** (requests - 1), LONGEST_PAUSE_MS),
  );
}

/** Loads the state of a checkout session once. Never throws. */
export async function loadCheckoutStatus(sessionId: string): Promise<CheckoutStatus> {
  try {
    const query = new URLSearchParams({ session_id: sessionId });
    const response = await fetch(`/api/checkout-status?${query}`, {
      cache: "no-store",
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    if (response.status === 401 || response.status === 404) return { status: "unknown" };
    if (response.status === 429) {
      const retryAfterSeconds = Number(response.headers.get("retry-after") ?? 60);
      return { status: "offline", retryAfterSeconds };
    }
    return responseSchema.parse(await response.json());
  } catch {
    return { status: "offline", retryAfterSeconds: 0 };
  }
}
