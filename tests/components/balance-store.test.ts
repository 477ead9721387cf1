import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createBalanceStore, REFRESH_EVERY_MS } from "@/components/balance/balance-store";

let second = 0;
/** Each answer is read from the books a second after the one before. */
const answer = (available: number) => ({
  asOf: new Date(Date.UTC(2026, 2, 1, 0, 0, second++)).toISOString(),
  ...{ available, held: 0, debt: 0, nextExpiry: null },
});

function createBillingFixture() {
  const fixture = {
    visible: true,
    answers: [] as Promise<unknown>[],
    lookAt: () => {},
    otherTab: () => {},
    posted: 0,
    loads: 0,
  };
  const store = createBalanceStore({
    load: () => {
      fixture.loads++;
      return fixture.answers.shift() ?? Promise.reject(new Error("offline"));
    },
    isVisible: () => fixture.visible,
    onLookedAt: (tell) => {
      fixture.lookAt = tell;
      return () => {
        fixture.lookAt = () => {};
      };
    },
    tabs: {
      post: () => {
        fixture.posted++;
      },
      listen: (tell) => {
        fixture.otherTab = tell;
        return () => {
          fixture.otherTab = () => {};
        };
      },
    },
  });
  return { fixture, store };
}

describe("the live balance", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("asks once a minute while visible and never while hidden", async () => {
    const { fixture, store } = createBillingFixture();
    const stop = store.subscribe(() => {});
    await vi.advanceTimersByTimeAsync(REFRESH_EVERY_MS * 2);
    expect(fixture.loads).toBe(2);
    fixture.visible = false;
    await vi.advanceTimersByTimeAsync(REFRESH_EVERY_MS * 10);
    expect(fixture.loads).toBe(2);
    stop();
  });

  it("asks when the page is looked at again and when another tab changed something", async () => {
    const { fixture, store } = createBillingFixture();
    const stop = store.subscribe(() => {});
    fixture.answers = [Promise.resolve(answer(1)), Promise.resolve(answer(2))];
    fixture.lookAt();
    await vi.advanceTimersByTimeAsync(0);
    expect(store.get().balance?.available).toBe(1);
    fixture.otherTab();
    await vi.advanceTimersByTimeAsync(0);
    expect(store.get().balance?.available).toBe(2);
    stop();
  });

  it("stops asking when nobody shows it any more", async () => {
    const { fixture, store } = createBillingFixture();
    const stopFirst = store.subscribe(() => {});
    const stopSecond = store.subscribe(() => {});
    stopFirst();
    await vi.advanceTimersByTimeAsync(REFRESH_EVERY_MS);
    expect(fixture.loads).toBe(1);
    stopSecond();
    await vi.advanceTimersByTimeAsync(REFRESH_EVERY_MS * 5);
    fixture.lookAt();
    expect(fixture.loads).toBe(1);
  });

  it("tells the other tabs after an action, and only then", async () => {
    const { fixture, store } = createBillingFixture();
    fixture.answers = [Promise.resolve(answer(5))];
    const stop = store.subscribe(() => {});
    fixture.lookAt();
    expect(fixture.posted).toBe(0);
    await store.refresh();
    expect(fixture.posted).toBe(1);
    stop();
  });

  it("drops an answer that arrives after a later question", async () => {
    const { fixture, store } = createBillingFixture();
    let answerLate = (_: unknown) => {};
    fixture.answers = [
      new Promise((resolve) => {
        answerLate = resolve;
      }),
      Promise.resolve(answer(7)),
    ];
    const first = store.refresh();
    await store.refresh();
    answerLate(answer(3));
    await first;
    expect(store.get().balance?.available).toBe(7);
  });

  it("drops an answer that is older than what the server rendered meanwhile", async () => {
    const { fixture, store } = createBillingFixture();
    let answerLate = (_: unknown) => {};
    fixture.answers = [
      new Promise((resolve) => {
        answerLate = resolve;
      }),
    ];
    const reading = store.refresh();
    const [older, newer] = [answer(3), answer(9)];
    store.seed(newer);
    answerLate(older);
    await reading;
    expect(store.get()).toEqual({ balance: newer, stale: false });
  });

  it("keeps what it knows when Back shows a page with an older figure", async () => {
    const { fixture, store } = createBillingFixture();
    const [rendered, spent] = [answer(120), answer(110)];
    store.seed(rendered);
    fixture.answers = [Promise.resolve(spent)];
    await store.refresh();
    store.seed(rendered);
    expect(store.get()).toEqual({ balance: spent, stale: false });
  });

  it("keeps the last figure and calls it stale when the answer fails or is nonsense", async () => {
    const { fixture, store } = createBillingFixture();
    const known = answer(4);
    store.seed(known);
    for (const nonsense of [
      { ...answer(5), available: "many" },
      { ...answer(5), asOf: "soon" },
    ]) {
      fixture.answers = [Promise.resolve(nonsense)];
      await store.refresh();
      expect(store.get()).toEqual({ balance: known, stale: true });
    }
    await store.refresh();
    expect(store.get()).toEqual({ balance: known, stale: true });
  });

  it("keeps what expires next as the route answers it", async () => {
    const { fixture, store } = createBillingFixture();
    const nextExpiry = { credits: 3, expiresAt: "2026-03-02T10:00:00.000Z" };
    const known = { ...answer(4), nextExpiry };
    fixture.answers = [Promise.resolve({ ...known, frozen: false })];
    await store.refresh();
    expect(store.get().balance).toEqual(known);
  });
});
