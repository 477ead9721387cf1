import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CheckoutAnswer } from "@/app/[locale]/(app)/billing/success/checkout-status";
import { followCheckout, TIMEOUT_MS } from "@/app/[locale]/(app)/billing/success/follow-checkout";

const waiting: CheckoutAnswer = { status: "waiting", credits: 0, available: 120 };
const granted: CheckoutAnswer = { status: "granted", credits: 200, available: 320 };

/** A page that can be looked at and away from, and what was asked when. */
function makePage(answers: CheckoutAnswer[] = []) {
  const startedAt = Date.now();
  const page = { visible: true, lookAt: () => {}, askedAfterMs: [] as number[] };
  const seen: CheckoutAnswer["status"][] = [];
  const stop = followCheckout({
    ask: async () => {
      page.askedAfterMs.push(Date.now() - startedAt);
      return answers.shift() ?? waiting;
    },
    onSeen: ({ answer }) => seen.push(answer.status),
    sight: {
      isVisible: () => page.visible,
      onLookedAt: (tell) => {
        page.lookAt = tell;
        return () => {
          page.lookAt = () => {};
        };
      },
    },
  });
  return { page, seen, stop };
}

describe("waiting for a payment", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("asks at once, soon again, and ever more patiently, but at least every 30 seconds", async () => {
    const { page, stop } = makePage();
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS - 1000);
    const pauses = page.askedAfterMs.slice(1).map((at, n) => at - (page.askedAfterMs[n] ?? 0));
    expect(page.askedAfterMs.slice(0, 2)).toEqual([0, 1000]);
    expect(pauses).toEqual(pauses.toSorted((a, b) => a - b));
    expect(pauses.at(-1)).toBe(30_000);
    stop();
  });

  it("stops asking when it is settled", async () => {
    const { page, seen } = makePage([waiting, granted]);
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS);
    expect(seen).toEqual(["waiting", "granted"]);
    expect(page.askedAfterMs).toHaveLength(2);
  });

  it("asks nothing while nobody looks, and at once when somebody does", async () => {
    const { page, stop } = makePage();
    await vi.advanceTimersByTimeAsync(0);
    page.visible = false;
    await vi.advanceTimersByTimeAsync(3_600_000);
    page.lookAt();
    expect(page.askedAfterMs).toEqual([0]);
    page.visible = true;
    page.lookAt();
    await vi.advanceTimersByTimeAsync(0);
    expect(page.askedAfterMs).toEqual([0, 3_600_000]);
    stop();
  });

  it("asks after ten minutes only once each time somebody looks", async () => {
    const { page, stop } = makePage();
    await vi.advanceTimersByTimeAsync(TIMEOUT_MS + 30_000);
    const asked = page.askedAfterMs.length;
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(page.askedAfterMs).toHaveLength(asked);
    page.lookAt();
    page.lookAt();
    await vi.advanceTimersByTimeAsync(86_400_000);
    expect(page.askedAfterMs).toHaveLength(asked + 1);
    stop();
  });

  it("comes back when a limit says so", async () => {
    const { page, stop } = makePage([{ status: "offline", retryAfterSeconds: 45 }]);
    await vi.advanceTimersByTimeAsync(45_000);
    expect(page.askedAfterMs).toEqual([0, 45_000]);
    stop();
  });

  it("asks nothing any more once the page is left", async () => {
    const { page, stop } = makePage();
    await vi.advanceTimersByTimeAsync(0);
    stop();
    await vi.advanceTimersByTimeAsync(60_000);
    page.lookAt();
    expect(page.askedAfterMs).toEqual([0]);
  });
});
