import { onceLookedAt, type PageSight, whenVisible } from "@/components/balance/page-visibility";
import type { CheckoutAnswer } from "./checkout-status";

/** After this long nobody waits on the spot: some ways to pay take days. */
export const TIMEOUT_MS = 10 * 60_000;

export interface Seen {
  readonly answer: CheckoutAnswer;
  readonly timesAsked: number;
}

/**
 * Asks what became of a payment until it is settled: quickly at first, then ever more patiently
 * (at most every 30 s), and for ten minutes. After that only when somebody looks at the page again,
 * and never while nobody does, as each question may become one to Stripe. Answers how to stop.
 */
export function followCheckout({
  ask,
  onSeen,
  sight,
}: {
  ask: () => Promise<CheckoutAnswer>;
  onSeen: (seen: Seen) => void;
  sight: PageSight;
}): () => void {
  let waitedMs = 0;
  let left = false;
  let giveUp = () => {};

  const question = async (timesAsked: number) => {
    const answer = await ask();
    if (left) return;
    onSeen({ answer, timesAsked });
    if (answer.status === "waiting" || answer.status === "offline") wait(answer, timesAsked);
  };
  const wait = (answer: CheckoutAnswer, timesAsked: number) => {
    const again = () => void question(timesAsked + 1);
    if (waitedMs >= TIMEOUT_MS) {
      giveUp = onceLookedAt(sight, again);
      return;
    }
    const pause = pauseMs(answer, timesAsked);
    waitedMs += pause;
    const timer = setTimeout(() => {
      giveUp = whenVisible(sight, again);
    }, pause);
    giveUp = () => clearTimeout(timer);
  };

  void question(1);
  return () => {
    left = true;
    giveUp();
  };
}

function pauseMs(answer: CheckoutAnswer, timesAsked: number): number {
  const asked = answer.status === "offline" ? answer.retryAfterSeconds * 1000 : 0;
  return Math.max(asked, Math.min(1000 * 1.35 ** (timesAsked - 1), 30_000));
}
