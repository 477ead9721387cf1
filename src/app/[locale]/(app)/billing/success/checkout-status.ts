import { z } from "zod/mini";

const answerSchema = z.object({
  status: z.enum(["granted", "waiting", "failed"]),
  credits: z.int(),
  available: z.int(),
});

/** What became of a payment page; `unknown` if it is not this person's, `offline` if nobody answered. */
export type CheckoutAnswer =
  | z.infer<typeof answerSchema>
  | { readonly status: "unknown" }
  | { readonly status: "offline" };

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
    return answerSchema.parse(await answer.json());
  } catch {
    return { status: "offline" };
  }
}

/** How long to wait before asking again: quickly at first, then ever more patiently, at most 30 s. */
export function pauseBeforeAskingMs(timesAsked: number): number {
  return Math.min(1000 * 1.35 ** timesAsked, 30_000);
}
