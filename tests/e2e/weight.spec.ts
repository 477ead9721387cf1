import { expect, type Page, test } from "@playwright/test";
import { LOCALES, Visitor } from "./visitor";

/** The budget for the compressed script of a first visit, without headers and before any input. */
const LIMIT_BYTES = 150_000;
/** The server does not compress a response that fits into one packet. */
const PACKET_BYTES = 1500;

for (const locale of LOCALES) {
  for (const path of ["/", "/pricing"]) {
    test(`${path} loads at most 150 kB of compressed script (${locale})`, async ({ page }) => {
      // React sends this request, so all scripts have arrived by then.
      const viewer = page.waitForResponse("**/api/viewer");
      await new Visitor(page, locale).open(path);
      await viewer;
      await page.waitForLoadState("networkidle");
      const scripts = await scriptsOf(page);
      const large = scripts.filter(({ decodedBytes }) => decodedBytes > PACKET_BYTES);
      expect(large.length).toBeGreaterThan(5);
      expect(large.filter(({ bytes, decodedBytes }) => bytes >= decodedBytes)).toEqual([]);
      const bytes = scripts.reduce((sum, script) => sum + script.bytes, 0);
      expect(bytes, JSON.stringify(scripts, null, 1)).toBeLessThanOrEqual(LIMIT_BYTES);
    });
  }
}

/**
 * Returns every script of the page once, whether the HTML, another script or a prefetch loaded it.
 * The sizes are the browser's own counts of the transferred bodies.
 */
function scriptsOf(page: Page) {
  return page.evaluate(() => {
    const entries = performance
      .getEntriesByType("resource")
      .filter((entry) => entry instanceof PerformanceResourceTiming)
      .filter(({ name }) => new URL(name).pathname.endsWith(".js"));
    const byAddress = new Map(entries.map((entry) => [entry.name, entry]));
    return [...byAddress.values()].map(({ name, encodedBodySize, decodedBodySize }) => ({
      name: new URL(name).pathname,
      bytes: encodedBodySize,
      decodedBytes: decodedBodySize,
    }));
  });
}
