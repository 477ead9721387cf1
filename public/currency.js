// Names the visitor's currency on <html> before the first paint; the page's styles show its prices.
// A file and not an inline script: it needs neither a nonce nor 'unsafe-inline'.
(() => {
  const [, currency] = /(?:^|; )qiflow\.currency=([a-z]{3})/.exec(document.cookie) ?? [];
  if (currency !== undefined) document.documentElement.dataset.currency = currency;
})();
