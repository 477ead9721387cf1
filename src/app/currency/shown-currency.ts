/** The currency that an element's prices are shown in, as the page's styles choose it. */
export function shownCurrency(currencies: readonly string[], element: Element): string | undefined {
  const chosen = element.closest("[data-currency]")?.getAttribute("data-currency");
  return currencies.find((one) => one === chosen) ?? currencies[0];
}
