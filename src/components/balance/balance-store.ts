import { millisecondsInMinute } from "date-fns/constants";
import type { PageVisibility } from "./page-visibility";

export const REFRESH_EVERY_MS = millisecondsInMinute;

/** The response of `GET /api/credits/balance`. Amounts are credits. */
export interface Balance {
  /** When the server read the ledger; ISO 8601. */
  readonly asOf: string;
  readonly available: number;
  readonly held: number;
  readonly debt: number;
  readonly nextExpiry: { readonly credits: number; readonly expiresAt: string } | null;
}

interface BalanceState {
  /** Null until the first balance arrives, from the server's HTML or from a request. */
  readonly balance: Balance | null;
  /** The last request failed, so the balance may be out of date. */
  readonly stale: boolean;
}

/** What the store needs from the browser. Tests pass their own. */
interface BalanceEnvironment {
  readonly load: () => Promise<unknown>;
  readonly page: PageVisibility;
  /** Sends messages to the user's other tabs and receives theirs. */
  readonly tabs: { notify: () => void; subscribe: (listener: () => void) => () => void };
}

/**
 * Holds the one balance that the whole page shows. While subscribed, it refetches when the page
 * becomes visible, when another tab reports a change, and every minute while visible. Of two
 * balances it keeps the one with the later `asOf`, in whatever order they arrive.
 */
export function createBalanceStore({ load, page, tabs }: BalanceEnvironment) {
  let state: BalanceState = { balance: null, stale: false };
  let requests = 0;
  let stop: (() => void) | null = null;
  const listeners = new Set<() => void>();

  const set = (next: BalanceState) => {
    state = next;
    for (const listener of listeners) listener();
  };

  const keepNewer = (balance: Balance) => {
    const known = state.balance;
    const isNewer = known === null || Date.parse(balance.asOf) >= Date.parse(known.asOf);
    set({ balance: isNewer ? balance : known, stale: false });
  };

  const fetchBalance = async () => {
    const request = ++requests;
    const balance = await load().then(parseBalance, () => null);
    if (request !== requests) return;
    if (balance === null) set({ ...state, stale: true });
    else keepNewer(balance);
  };

  const start = () => {
    const fetchIfVisible = () => {
      if (page.isVisible()) void fetchBalance();
    };
    const timer = setInterval(fetchIfVisible, REFRESH_EVERY_MS);
    const leavePage = page.subscribe(fetchIfVisible);
    const leaveTabs = tabs.subscribe(fetchIfVisible);
    return () => {
      clearInterval(timer);
      leavePage();
      leaveTabs();
    };
  };

  return {
    get: () => state,
    /**
     * Applies the balance in the server's HTML if it is newer: a page restored by Back may have an
     * old one.
     */
    seed: keepNewer,
    /** Refetches the balance and notifies the other tabs. Call it after every action on credits. */
    async refresh() {
      tabs.notify();
      await fetchBalance();
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

/** Returns null for a response that is not a balance. */
function parseBalance(response: unknown): Balance | null {
  if (!isRecord(response)) return null;
  const { asOf, available, held, debt, nextExpiry } = response;
  if (typeof asOf !== "string" || Number.isNaN(Date.parse(asOf))) return null;
  if (!isCount(available) || !isCount(held) || !isCount(debt)) return null;
  if (nextExpiry === null) return { asOf, available, held, debt, nextExpiry };
  if (!isRecord(nextExpiry) || !isCount(nextExpiry.credits)) return null;
  if (typeof nextExpiry.expiresAt !== "string") return null;
  const { credits, expiresAt } = nextExpiry;
  return { asOf, available, held, debt, nextExpiry: { credits, expiresAt } };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value);
}
