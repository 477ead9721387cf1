import { millisecondsInDay, millisecondsInHour } from "date-fns/constants";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type CheckoutStatus,
  followCheckout,
  TIMEOUT_MS,
} from "@/app/[locale]/(app)/billing/success/follow-checkout";

const unpaid = { settled: 0, purchase: null, expiresAt: null };
const waiting: CheckoutStatus = { status: "waiting", credits: 0, available: 120, ...unpaid };
const granted: CheckoutStatus = { status: "granted", credits: 200, available: 320, ...unpaid };

/** Follows a checkout that returns `responses` and then `waiting`, on a page that can be hidden. */
function startFollowing(responses: CheckoutStatus[] = []) {
  const startedAt = Date.now();
  const page = { isVisible: true, fireFocus: () => {} };
  const requestsAtMs: number[] = [];
  const statuses: CheckoutStatus["status"][] = [];
  const stop = followCheckout({
    load: async () => {
      requestsAtMs.push(Date.now() - startedAt);
      return responses.shift() ?? waiting;
    },
    onUpdate: ({ checkout }) => statuses.push(checkout.status),
    page: {
      isVisible: () => page.isVisible,
      subscribe: (listener) => {
        page.fireFocus = listener;
        return () => {
          page.fireFocus = () => {};
        };
      },
    },
  });
  return { page, requestsAtMs, statuses, stop };
}

describe("followCheckout", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("sends requests with pauses that grow from one second to 30 seconds", async () => {
    const { requestsAtMs, stop } = startFollowing();
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS - 1000);
    const pauses = requestsAtMs.slice(1).map((at, n) => at - (requestsAtMs[n] ?? 0));
    expect(requestsAtMs.slice(0, 2)).toEqual([0, 1000]);
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
    expect(pauses.at(-1)).toBe(30_000);
    stop();
  });

  it("stops when the checkout is settled", async () => {
    const { requestsAtMs, statuses } = startFollowing([waiting, granted]);
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
    expect(statuses).toEqual(["waiting", "granted"]);
    expect(requestsAtMs).toHaveLength(2);
  });

  it("sends no requests while the page is hidden and resumes when it becomes visible", async () => {
    const { page, requestsAtMs, stop } = startFollowing();
    await vi.advanceTimersByTimeAsync(0);
    page.isVisible = false;
    await vi.advanceTimersByTimeAsync(millisecondsInHour);
    page.fireFocus();
    expect(requestsAtMs).toEqual([0]);
    page.isVisible = true;
    page.fireFocus();
    await vi.advanceTimersByTimeAsync(0);
    expect(requestsAtMs).toEqual([0, millisecondsInHour]);
    stop();
  });

  it("sends one request per return to the page after ten minutes", async () => {
    const { page, requestsAtMs, stop } = startFollowing();
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS + 30_000);
    const sent = requestsAtMs.length;
    await vi.advanceTimersByTimeAsync(millisecondsInDay);
    expect(requestsAtMs).toHaveLength(sent);
    page.fireFocus();
    page.fireFocus();
    await vi.advanceTimersByTimeAsync(millisecondsInDay);
    expect(requestsAtMs).toHaveLength(sent + 1);
    stop();
  });

  it("waits as long as the rate limit demands", async () => {
    const { requestsAtMs, stop } = startFollowing([{ status: "offline", retryAfterSeconds: 45 }]);
    await vi.advanceTimersByTimeAsync(45_000);
    expect(requestsAtMs).toEqual([0, 45_000]);
    stop();
  });

  it("sends no requests after it was stopped", async () => {
    const { page, requestsAtMs, stop } = startFollowing();
    await vi.advanceTimersByTimeAsync(0);
    stop();
    await vi.advanceTimersByTimeAsync(60_000);
    page.fireFocus();
    expect(requestsAtMs).toEqual([0]);
  });
});
