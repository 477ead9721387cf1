import { millisecondsInMinute, millisecondsInSecond } from "date-fns/constants";
import { z } from "zod/mini";
import type { PageVisibility } from "@/components/balance/page-visibility";
import { pollWhileViewed } from "../poll-while-viewed";

/** Polling stops after this time. Some payment methods take days. */
export const TIMEOUT_MS = 10 * millisecondsInMinute;

const REQUEST_TIMEOUT_MS = 10 * millisecondsInSecond;

const responseSchema = z.object({
  status: z.enum(["granted", "trial", "waiting", "failed"]),
  credits: z.int(),
  settled: z.int(),
  available: z.int(),
  purchase: z.nullable(
    z.object({
      item: z.string(),
      quantity: z.int(),
      amountCents: z.int(),
      currency: z.string(),
      receiptUrl: z.nullable(z.string()),
    }),
  ),
  expiresAt: z.nullable(z.string()),
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

/** Polls a checkout session until it is settled (see `pollWhileViewed`). Returns a stop function. */
export function followCheckout({
  load,
  onUpdate,
  page,
}: {
  load: () => Promise<CheckoutStatus>;
  onUpdate: (update: CheckoutUpdate) => void;
  page: PageVisibility;
}): () => void {
  return pollWhileViewed({
    load,
    onResponse: (checkout, requests) => onUpdate({ checkout, requests }),
    isDone: ({ status }) => status !== "waiting" && status !== "offline",
    retryAfterSecondsOf: (checkout) =>
      checkout.status === "offline" ? checkout.retryAfterSeconds : 0,
    page,
    timeoutMs: TIMEOUT_MS,
  });
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
