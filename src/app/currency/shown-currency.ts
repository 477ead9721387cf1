/** The currency that an element's prices are shown in, as the page's styles choose it. */
export function shownCurrency(currencies: readonly string[], element: Element): string | undefined {
  const bound = element.closest("[data-bound]")?.getAttribute("data-bound");
  const chosen = bound ?? document.documentElement.dataset.currency;
  return currencies.find((one) => one === chosen) ?? currencies[0];
}
