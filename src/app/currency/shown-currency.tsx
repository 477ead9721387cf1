"use client";

import { useServerInsertedHTML } from "next/navigation";
import { useLayoutEffect, useRef, useSyncExternalStore } from "react";
import { CURRENCY_COOKIE } from "./currency-cookie";

const YEAR_SECONDS = 31_536_000;
const listeners = new Set<() => void>();

/**
 * Inserts /currency.js, which sets `data-currency` of `<html>` before the first paint. The effect does
 * the same after a navigation in the browser.
 */
export function CurrencyScript() {
  const inserted = useRef(false);
  useServerInsertedHTML(() => {
    if (inserted.current) return null;
    inserted.current = true;
    return <script src="/currency.js" />;
  });
  useLayoutEffect(() => {
    const [, cookie] =
      new RegExp(`(?:^|; )${CURRENCY_COOKIE}=([a-z]{3})`).exec(document.cookie) ?? [];
    if (cookie !== undefined) paint(cookie);
  }, []);
  return null;
}

/** The choice of a currency for all prices of the page. Labels come from the server. */
export function CurrencySelect({
  label,
  options,
}: {
  label: string;
  /** The first is the default. */
  options: readonly { readonly currency: string; readonly name: string }[];
}) {
  const currencies = options.map(({ currency }) => currency);
  const shown = useSyncExternalStore(
    subscribe,
    () => shownCurrency(currencies, document.documentElement),
    () => currencies[0],
  );
  return (
    <label className="flex items-center gap-2">
      {label}
      <select
        value={shown}
        onChange={(event) => choose(event.target.value)}
        className="h-9 rounded-md border bg-card px-3 text-foreground"
      >
        {options.map(({ currency, name }) => (
          <option key={currency} value={currency}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The currency that an element's prices are shown in, as the page's styles choose it. */
export function shownCurrency(currencies: readonly string[], element: Element): string | undefined {
  const bound = element.closest("[data-bound]")?.getAttribute("data-bound");
  const chosen = bound ?? document.documentElement.dataset.currency;
  return currencies.find((one) => one === chosen) ?? currencies[0];
}

function choose(currency: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: older versions of Firefox and Safari lack the Cookie Store API.
  document.cookie = `${CURRENCY_COOKIE}=${currency}; path=/; max-age=${YEAR_SECONDS}; samesite=lax`;
  paint(currency);
}

function paint(currency: string): void {
  document.documentElement.dataset.currency = currency;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
