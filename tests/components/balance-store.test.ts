import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createBalanceStore, REFRESH_EVERY_MS } from "@/components/balance/balance-store";

let second = 0;
/** Builds a balance that was read one second after the previous one. */
const balanceOf = (available: number) => ({
  asOf: new Date(Date.UTC(2026, 2, 1, 0, 0, second++)).toISOString(),
  available,
  held: 0,
  debt: 0,
  nextExpiry: null,
});

/** A store in a fake browser. A load resolves to the next of `responses`, or fails without one. */
function createStoreFixture() {
  const fixture = {
    isVisible: true,
    responses: [] as Promise<unknown>[],
    fireFocus: () => {},
    fireOtherTab: () => {},
    notifications: 0,
    loads: 0,
  };
  const store = createBalanceStore({
    load: () => {
      fixture.loads++;
      return fixture.responses.shift() ?? Promise.reject(new Error("offline"));
    },
    page: {
      isVisible: () => fixture.isVisible,
      subscribe: (listener) => {
        fixture.fireFocus = listener;
        return () => {
          fixture.fireFocus = () => {};
        };
      },
    },
    tabs: {
      notify: () => {
        fixture.notifications++;
      },
      subscribe: (listener) => {
        fixture.fireOtherTab = listener;
        return () => {
          fixture.fireOtherTab = () => {};
        };
      },
    },
  });
  return { fixture, store };
}

describe("createBalanceStore", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("refetches once a minute while visible and never while hidden", async () => {
    const { fixture, store } = createStoreFixture();
    const stop = store.subscribe(() => {});
    await vi.advanceTimersByTimeAsync(REFRESH_EVERY_MS * 2);
    expect(fixture.loads).toBe(2);
    fixture.isVisible = false;
    await vi.advanceTimersByTimeAsync(REFRESH_EVERY_MS * 10);
    expect(fixture.loads).toBe(2);
    stop();
  });

  it("refetches when the page gets the focus and when another tab reports a change", async () => {
    const { fixture, store } = createStoreFixture();
    const stop = store.subscribe(() => {});
    fixture.responses = [Promise.resolve(balanceOf(1)), Promise.resolve(balanceOf(2))];
    fixture.fireFocus();
    await vi.advanceTimersByTimeAsync(0);
    expect(store.get().balance?.available).toBe(1);
    fixture.fireOtherTab();
    await vi.advanceTimersByTimeAsync(0);
    expect(store.get().balance?.available).toBe(2);
    stop();
  });

  it("stops refetching after the last subscriber leaves", async () => {
    const { fixture, store } = createStoreFixture();
    const stopFirst = store.subscribe(() => {});
    const stopSecond = store.subscribe(() => {});
    stopFirst();
    await vi.advanceTimersByTimeAsync(REFRESH_EVERY_MS);
    expect(fixture.loads).toBe(1);
    stopSecond();
    await vi.advanceTimersByTimeAsync(REFRESH_EVERY_MS * 5);
    fixture.fireFocus();
    expect(fixture.loads).toBe(1);
  });

  it("notifies the other tabs on refresh only", async () => {
    const { fixture, store } = createStoreFixture();
    fixture.responses = [Promise.resolve(balanceOf(5))];
    const stop = store.subscribe(() => {});
    fixture.fireFocus();
    expect(fixture.notifications).toBe(0);
    await store.refresh();
    expect(fixture.notifications).toBe(1);
    stop();
  });

  it("drops the response of an earlier request", async () => {
    const { fixture, store } = createStoreFixture();
    let respondLate = (_: unknown) => {};
    fixture.responses = [
      new Promise((resolve) => {
        respondLate = resolve;
      }),
      Promise.resolve(balanceOf(7)),
    ];
    const first = store.refresh();
    await store.refresh();
    respondLate(balanceOf(3));
    await first;
    expect(store.get().balance?.available).toBe(7);
  });

  it("drops a response that is older than the balance of the server's HTML", async () => {
    const { fixture, store } = createStoreFixture();
    let respondLate = (_: unknown) => {};
    fixture.responses = [
      new Promise((resolve) => {
        respondLate = resolve;
      }),
    ];
    const refreshing = store.refresh();
    const [older, newer] = [balanceOf(3), balanceOf(9)];
    store.seed(newer);
    respondLate(older);
    await refreshing;
    expect(store.get()).toEqual({ balance: newer, stale: false });
  });

  it("keeps the newer balance when Back restores a page with an older one", async () => {
    const { fixture, store } = createStoreFixture();
    const [rendered, spent] = [balanceOf(120), balanceOf(110)];
    store.seed(rendered);
    fixture.responses = [Promise.resolve(spent)];
    await store.refresh();
    store.seed(rendered);
    expect(store.get()).toEqual({ balance: spent, stale: false });
  });

  it("keeps the last balance and marks it stale when a request fails or its response is invalid", async () => {
    const { fixture, store } = createStoreFixture();
    const known = balanceOf(4);
    store.seed(known);
    for (const invalid of [
      { ...balanceOf(5), available: "many" },
      { ...balanceOf(5), asOf: "soon" },
    ]) {
      fixture.responses = [Promise.resolve(invalid)];
      await store.refresh();
      expect(store.get()).toEqual({ balance: known, stale: true });
    }
    await store.refresh();
    expect(store.get()).toEqual({ balance: known, stale: true });
  });

  it("takes the next expiry from the response", async () => {
    const { fixture, store } = createStoreFixture();
    const nextExpiry = { credits: 3, expiresAt: "2026-03-02T10:00:00.000Z" };
    const known = { ...balanceOf(4), nextExpiry };
    fixture.responses = [Promise.resolve({ ...known, frozen: false })];
    await store.refresh();
    expect(store.get().balance).toEqual(known);
  });
});
