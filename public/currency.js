// Names the visitor's currency on <html> before the first paint; the page's styles show its prices.
// Serves the choice on the pricing page as well. A file and not an inline script: it needs neither a
// nonce nor 'unsafe-inline'. Not part of React's script, so that it works at once and is not loaded
// where there is nothing to choose.
(() => {
  const choices = "select[data-currency-choice]";
  const [, remembered] = /(?:^|; )qiflow\.currency=([a-z]{3})/.exec(document.cookie) ?? [];
  let chosen = remembered;

  // React adds the choice after a navigation, and replaces <html> on a page that is not found.
  const show = () => {
    if (chosen === undefined) return;
    document.documentElement.dataset.currency = chosen;
    for (const select of document.querySelectorAll(choices)) {
      const isOffered = [...select.options].some(({ value }) => value === chosen);
      if (isOffered && select.value !== chosen) select.value = chosen;
    }
  };

  document.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLSelectElement) || !target.matches(choices)) return;
    chosen = target.value;
    // biome-ignore lint/suspicious/noDocumentCookie: older versions of Firefox and Safari lack the Cookie Store API.
    document.cookie = `qiflow.currency=${chosen}; path=/; max-age=31536000; samesite=lax`;
    show();
  });
  new MutationObserver(show).observe(document, { childList: true, subtree: true });
  show();
})();
