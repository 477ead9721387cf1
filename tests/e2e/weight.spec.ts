import { expect, type Page, test } from "@playwright/test";
import { LOCALES, Visitor } from "./visitor";

/** The budgets for the compressed script of a first visit, without headers and before any input. */
const PUBLIC_LIMIT_BYTES = 145_000;
const MEMBER_LIMITS_BYTES = { "/dashboard": 200_000, "/credits": 250_000 } as const;
/** The server does not compress a response that fits into one packet. */
const PACKET_BYTES = 1500;

for (const locale of LOCALES) {
  for (const path of ["/", "/pricing"]) {
    test(`${path} loads at most 145 kB of compressed script (${locale})`, async ({ page }) => {
      // React sends this request, so all scripts have arrived by then.
      const viewer = page.waitForResponse("**/api/viewer");
      await new Visitor(page, locale).open(path);
      await viewer;
      await expectScriptsWithin(page, PUBLIC_LIMIT_BYTES);
    });
  }

  test(`a member's pages keep to their budgets of script, without the chart (${locale})`, async ({
    page,
    context,
  }) => {
    const visitor = new Visitor(page, locale);
    await visitor.signUp();
    await visitor.expectBalance(120);
    for (const [path, limitBytes] of Object.entries(MEMBER_LIMITS_BYTES)) {
      const first = await context.newPage();
      // The chart loads when it is seen, which this window is too low for.
      await first.setViewportSize({ width: 1280, height: 320 });
      const notices = first.waitForResponse("**/api/notifications");
      await new Visitor(first, locale).open(path);
      await notices;
      await expectScriptsWithin(first, limitBytes);
      await first.close();
    }
  });
}

async function expectScriptsWithin(page: Page, limitBytes: number): Promise<void> {
  await page.waitForLoadState("networkidle");
  const scripts = await scriptsOf(page);
  const large = scripts.filter(({ decodedBytes }) => decodedBytes > PACKET_BYTES);
  expect(large.length).toBeGreaterThan(5);
  expect(large.filter(({ bytes, decodedBytes }) => bytes >= decodedBytes)).toEqual([]);
  const bytes = scripts.reduce((sum, script) => sum + script.bytes, 0);
  expect(bytes, JSON.stringify(scripts, null, 1)).toBeLessThanOrEqual(limitBytes);
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
