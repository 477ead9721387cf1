import { type Balance, parseBalance } from "./balance";
import type { PageSight } from "./page-visibility";

export const REFRESH_EVERY_MS = 60_000;

export interface BalanceState {
  /** Null until the server's first figure or an answer is there. */
  readonly balance: Balance | null;
  /** The last attempt failed: what is shown may be old. */
  readonly stale: boolean;
}

/** What the store needs from the world; the browser's own in `live-balance`, made up in tests. */
export interface BalanceEnvironment extends PageSight {
  readonly load: () => Promise<unknown>;
  /** Speaks to this person's other tabs. */
  readonly tabs: { post: () => void; listen: (tell: () => void) => () => void };
}

/**
 * One balance for everything on the page that shows it. While somebody shows it, it is read anew
 * when the page is looked at again, when another tab says that it changed, and once a minute while
 * visible; never while hidden. Of two figures the one read later from the books is shown, in
 * whatever order they arrive.
 */
export function createBalanceStore(world: BalanceEnvironment) {
  let state: BalanceState = { balance: null, stale: false };
  let questions = 0;
  let stop: (() => void) | null = null;
  const listeners = new Set<() => void>();

  const set = (next: BalanceState) => {
    state = next;
    for (const listener of listeners) listener();
  };

  /** Keeps the newer of two figures: what is older may come later. */
  const take = (balance: Balance) => {
    const known = state.balance;
    const isNewer = known === null || Date.parse(balance.asOf) >= Date.parse(known.asOf);
    set({ balance: isNewer ? balance : known, stale: false });
  };

  const read = async () => {
    const question = ++questions;
    const balance = await world.load().then(parseBalance, () => null);
    if (question !== questions) return;
    if (balance === null) set({ ...state, stale: true });
    else take(balance);
  };

  const start = () => {
    const readIfVisible = () => {
      if (world.isVisible()) void read();
    };
    const timer = setInterval(readIfVisible, REFRESH_EVERY_MS);
    const stopLooking = world.onLookedAt(readIfVisible);
    const stopListening = world.tabs.listen(readIfVisible);
    return () => {
      clearInterval(timer);
      stopLooking();
      stopListening();
    };
  };

  return {
    get: () => state,
    /**
     * The figure the server rendered. A page that Back shows again was rendered long ago: what is
     * known to be newer stays.
     */
    seed: take,
    /** Reads the balance now and tells the other tabs that theirs is old. Call it after an action. */
    async refresh() {
      world.tabs.post();
      await read();
    },
    subscribe(listener: () => void) {
      listeners.add(listener);
      stop ??= start();
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        stop?.();
        stop = null;
      };
    },
  };
}

export type BalanceStore = ReturnType<typeof createBalanceStore>;
