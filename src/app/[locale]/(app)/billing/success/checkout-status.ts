import { z } from "zod/mini";

const answerSchema = z.object({
  status: z.enum(["granted", "waiting", "failed"]),
  credits: z.int(),
  available: z.int(),
});

/**
 * What became of a payment page; `unknown` if it is not this person's, `offline` if there was no
 * answer for now: no connection, a server in trouble, or a limit, which says when to come back.
 */
export type CheckoutAnswer =
  | z.infer<typeof answerSchema>
  | { readonly status: "unknown" }
  | { readonly status: "offline"; readonly retryAfterSeconds: number };

const TIME_LIMIT_MS = 10_000;

/** Asks once. Never throws. */
export async function askCheckoutStatus(sessionId: string): Promise<CheckoutAnswer> {
  try {
    const query = new URLSearchParams({ session_id: sessionId });
    const answer = await fetch(`/api/checkout-status?${query}`, {
      cache: "no-store",
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    });
    if (answer.status === 401 || answer.status === 404) return { status: "unknown" };
    if (answer.status === 429) {
      const retryAfterSeconds = Number(answer.headers.get("retry-after") ?? 60);
      return { status: "offline", retryAfterSeconds };
    }
    return answerSchema.parse(await answer.json());
  } catch {
    return { status: "offline", retryAfterSeconds: 0 };
  }
}
