import type { ReactNode } from "react";
import { CURRENCIES } from "@/catalog/items";
import { currencyStyles } from "./currency-styles";

/**
 * Renders its content for each of the currencies. With several, the page's styles show the one that the
 * visitor chose, so that a static page is the same for everybody and does not change after it is shown.
 */
export function ByCurrency({
  currencies,
  children,
}: {
  currencies: readonly string[];
  children: (currency: string) => ReactNode;
}) {
  const [only, ...others] = currencies;
  if (only !== undefined && others.length === 0) return children(only);
  return currencies.map((currency) => (
    <span key={currency} data-in={currency}>
      {children(currency)}
    </span>
  ));
}

/**
 * The script and the styles that show one currency of a static page, on every page because the browser
 * does not run them after a navigation. Nothing if the catalogue has one currency only.
 */
export function CurrencyOfPages() {
  if (CURRENCIES.length === 1) return null;
  return (
    <>
      <style>{currencyStyles(CURRENCIES)}</style>
      <script src="/currency.js" />
    </>
  );
}
