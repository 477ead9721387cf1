// Sets the theme before the first paint, so that nobody in a dark room is shown a white page.
// A file and not an inline script: it needs neither a nonce nor 'unsafe-inline'.
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("theme");
  } catch {
    // Storage is switched off: the device decides.
  }
  const dark =
    chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", dark);
})();
