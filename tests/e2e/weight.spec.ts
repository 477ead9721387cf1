import { expect, type Page, test } from "@playwright/test";
import { LOCALES, Visitor } from "./visitor";

/** Of all script that a first visit fetches before anything is pressed, compressed, without headers. */
const LIMIT_BYTES = 150_000;
/** The server leaves what fits in a packet as it is. */
const PACKET_BYTES = 1500;

for (const locale of LOCALES) {
  for (const path of ["/", "/pricing"]) {
    test(`${path} loads at most 150 kB of script, compressed (${locale})`, async ({ page }) => {
      // What is asked for once React runs: until then, script may still be on its way.
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
 * What this page has fetched as script, each once, by whatever way it was asked for: in the HTML, by
 * another script, or ahead of a click. The browser's own count of the bodies on the wire, which is
 * the same however slowly they come.
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
