import { expect, type Page, test } from "@playwright/test";
import { PAGES } from "../access/table";
import { findRunningApp } from "../setup/running-app";
import { findViolations } from "./axe";
import { ConsoleFixture } from "./console-fixture";
import { LOCALES, type Locale, Visitor } from "./visitor";

/**
 * Opens every page of the console as an admin, with one of everything on it: it renders its heading, fits
 * a phone and passes axe, in both languages, light and dark. The access table lists the pages.
 */
const ADMIN_PAGES = Object.entries(PAGES).filter(([name]) => name.startsWith("(admin)/"));
const VIEWS = [
  { width: 1280, colorScheme: "light" },
  { width: 390, colorScheme: "dark" },
] as const;
/** Folder for screenshots; none are taken if it is not set. */
const SCREENSHOT_FOLDER = process.env.QIFLOW_SCREENSHOTS;

let fixture: ConsoleFixture;

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  fixture = await ConsoleFixture.make(browser);
  const page = await browser.newPage();
  await fixture.distribute(page);
  await page.close();
});

test.afterAll(() => fixture.close());

/** All pages: one per user of the fixture, and one each for a dead and a handled event. */
function pages(): (readonly [name: string, path: string])[] {
  return ADMIN_PAGES.flatMap(([name, { path }]) => {
    if (path.includes("[user]"))
      return Object.entries(fixture.users).map(
        ([who, userId]) => [`${name} ${who}`, path.replace("[user]", userId)] as const,
      );
    const events = { dead: fixture.of.deadEvent, done: fixture.of.doneEvent };
    if (path.includes("[event]"))
      return Object.entries(events).map(
        ([state, id]) => [`${name} ${state}`, path.replace("[event]", id)] as const,
      );
    return [[name, path] as const];
  });
}

for (const locale of LOCALES) {
  test(`every page of the console renders accessibly (${locale})`, async ({ page }) => {
    test.setTimeout(600_000);
    const operator = await signInAsAdmin(page, locale);
    const viewHealth = operator.words("admin")("health.view");
    const broken = operator.words("errors")("page.errorTitle");
    for (const [name, path] of pages()) {
      await operator.open(path);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.locator("[aria-busy=true]")).toHaveCount(0);
      await page.waitForLoadState("networkidle");
      // The fixture has dead events and frozen accounts.
      await expect.soft(page.getByRole("link", { name: viewHealth }), name).toBeVisible();
      for (const { width, colorScheme } of VIEWS) {
        await test.step(`${name}, ${width} wide, ${colorScheme}`, async () => {
          await page.setViewportSize({ width, height: 900 });
          await page.emulateMedia({ colorScheme });
          await expect(page.locator("html.dark")).toHaveCount(colorScheme === "dark" ? 1 : 0);
          // A chart throws only after the page is rendered.
          await expect.soft(page.getByText(broken), "is shown").toHaveCount(0);
          await takeScreenshot(page, `${name} ${locale} ${width} ${colorScheme}`);
          expect
            .soft(await widthOf(page), "is no wider than the screen")
            .toBeLessThanOrEqual(width);
          if (width < 640) expect.soft(await sidewaysTables(page), "shows cards").toEqual([]);
          expect.soft(await findViolations(page)).toEqual([]);
        });
      }
    }
  });
}

async function signInAsAdmin(page: Page, locale: Locale): Promise<Visitor> {
  const { admin } = await findRunningApp();
  const operator = new Visitor(page, locale);
  await operator.signIn(admin.email, admin.password);
  await expect(page).toHaveURL(/dashboard/);
  return operator;
}

const widthOf = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth);

/** The labels of the tables that scroll sideways. */
const sidewaysTables = (page: Page) =>
  page
    .locator("section:has(> table)")
    .evaluateAll((sections) =>
      sections
        .filter((section) => section.scrollWidth > section.clientWidth + 1)
        .map((section) => section.getAttribute("aria-label")),
    );

async function takeScreenshot(page: Page, name: string): Promise<void> {
  if (SCREENSHOT_FOLDER === undefined) return;
  const file = `${SCREENSHOT_FOLDER}/${name.replaceAll(/[^\w-]+/g, "_")}.png`;
  await page.screenshot({ path: file, fullPage: true });
}
