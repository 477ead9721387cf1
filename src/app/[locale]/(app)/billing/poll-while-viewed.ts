import { millisecondsInSecond } from "date-fns/constants";
import { onNextView, type PageVisibility, whenVisible } from "@/components/balance/page-visibility";

const FIRST_PAUSE_MS = millisecondsInSecond;
const LONGEST_PAUSE_MS = 30 * millisecondsInSecond;

/**
 * Sends requests with growing pauses for `timeoutMs`. Afterwards it sends one each time the reader
 * returns to the page. It never polls a hidden page, because a request may cause a call to Stripe.
 * Returns a function that stops it.
 */
export function pollWhileViewed<Response>({
  load,
  onResponse,
  isDone,
  retryAfterSecondsOf,
  page,
  timeoutMs,
}: {
  /** Never rejects. */
  load: () => Promise<Response>;
  /** `requests`: how many requests were sent so far. */
  onResponse: (response: Response, requests: number) => void;
  isDone: (response: Response) => boolean;
  /** The least pause that the server asks for; 0 if none. */
  retryAfterSecondsOf: (response: Response) => number;
  page: PageVisibility;
  timeoutMs: number;
}): () => void {
  let waitedMs = 0;
  let stopped = false;
  let cancel = () => {};

  const request = async (requests: number) => {
    const response = await load();
    if (stopped) return;
    onResponse(response, requests);
    if (!isDone(response)) wait(response, requests);
  };
  const wait = (response: Response, requests: number) => {
    const next = () => void request(requests + 1);
    if (waitedMs >= timeoutMs) {
      cancel = onNextView(page, next);
      return;
    }
    const pause = Math.max(
      retryAfterSecondsOf(response) * millisecondsInSecond,
      Math.min(FIRST_PAUSE_MS * 1.35 ** (requests - 1), LONGEST_PAUSE_MS),
    );
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
