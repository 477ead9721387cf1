import { expect, type Page, test } from "@playwright/test";
import { findViolations } from "./axe";
import { LOCALES, type Locale, Visitor } from "./visitor";

const THEMES = ["light", "dark"] as const;

const PUBLIC_PAGES = [
  "/",
  "/pricing",
  "/terms",
  "/privacy",
  "/refunds",
  "/docs/api",
  "/sign-in",
  "/sign-up",
  "/forgot-password",
  "/reset-password?token=none",
  "/verify-email",
  "/unsubscribe",
  "/nowhere",
];

const MEMBER_PAGES = [
  "/dashboard",
  "/bazi",
  "/bazi/new",
  "/credits",
  "/billing",
  "/settings",
  "/settings/security",
  "/billing/success?session_id=cs_unknown",
  "/bazi/00000000-0000-4000-8000-000000000000",
];

/** The phone layout differs: it scrolls, collapses and stacks elements. */
const SIZES = [
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
] as const;

for (const locale of LOCALES) {
  test(`public pages have no accessibility violations (${locale})`, async ({ page }) => {
    test.setTimeout(300_000);
    await page.emulateMedia({ reducedMotion: "reduce" });
    const visitor = new Visitor(page, locale);
    await expectPagesAccessible(visitor, PUBLIC_PAGES);
    await visitor.open("/sign-up");
    await page.getByRole("button", { name: visitor.words("auth")("signUp.submit") }).click();
    await expect(page.locator("[aria-invalid='true']").first()).toBeVisible();
    await expectAccessibleInEverySize(page, "/sign-up with errors");
  });

  test(`the dialog about too few credits has no accessibility violations (${locale})`, async ({
    page,
  }) => {
    test.setTimeout(240_000);
    await page.emulateMedia({ reducedMotion: "reduce" });
    const visitor = new Visitor(page, locale);
    await visitor.signUp();
    await visitor.expectBalance(120);
    await visitor.createReadings(12);
    await visitor.open("/bazi/new");
    await visitor.fillReading({ day: 21 });
    await page.getByRole("button", { name: visitor.submitReadingLabel() }).click();
    const title = visitor.words("bazi")("form.fewTitle");
    await expect(page.getByRole("dialog", { name: title })).toBeVisible();
    await expectAccessibleInEverySize(page, "too few credits");
  });

  test(`member pages have no accessibility violations (${locale})`, async ({ page }) => {
    test.setTimeout(600_000);
    await page.emulateMedia({ reducedMotion: "reduce" });
    const visitor = await createMemberWithHistory(page, locale);
    const reading = new URL(page.url()).pathname.replace(/^\/zh\//, "/");
    await expectPagesAccessible(visitor, [reading, ...MEMBER_PAGES]);
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await expectPopupsAccessible(visitor);
    }
  });
}

for (const locale of LOCALES) {
  test(`nothing on the landing page moves while it loads slowly (${locale})`, async ({ page }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    const network = await page.context().newCDPSession(page);
    await network.send("Network.enable");
    await network.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 300,
      downloadThroughput: 60_000,
      uploadThroughput: 60_000,
    });
    await page.addInitScript(recordShifts);
    const visitor = new Visitor(page, locale);
    await visitor.open("/");
    await expect(page.getByText(visitor.words("common")("simulatedPayments"))).toBeVisible();
    await page.evaluate(() => document.fonts.ready);
    const moved = await page.evaluate(() => Number(Reflect.get(window, "layoutShift")));
    expect(moved).toBeLessThanOrEqual(0.02);
  });

  test(`Tab continues from a select in which an option was just chosen (${locale})`, async ({
    page,
  }) => {
    const visitor = new Visitor(page, locale);
    const t = visitor.words("bazi");
    await visitor.signUp();
    await visitor.expectBalance(120);
    await visitor.open("/bazi/new");
    await page.getByRole("combobox", { name: t("form.month") }).click();
    const option = page.getByRole("option", { name: t("monthName", { month: "2" }), exact: true });
    // The key must arrive within the animation that closes the list.
    await page.locator(".popup", { has: option }).evaluate((popup) => {
      popup.style.transitionDuration = "3s";
    });
    await option.click();
    await page.keyboard.press("Tab");
    const day = page.getByRole("combobox", { name: t("form.day") });
    await expect(day).toBeFocused();
    await expect(option).toBeHidden();
    await expect(day).toBeFocused();
  });
}

/** Runs in the page: sums up the layout shifts without input. */
function recordShifts(): void {
  Reflect.set(window, "layoutShift", 0);
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (Reflect.get(entry, "hadRecentInput") === true) continue;
      const sum = Number(Reflect.get(window, "layoutShift")) + Number(Reflect.get(entry, "value"));
      Reflect.set(window, "layoutShift", sum);
    }
  });
  observer.observe({ type: "layout-shift", buffered: true });
}

/** Creates a member with a purchase and a reading. Ends on the page of the reading. */
async function createMemberWithHistory(page: Page, locale: Locale): Promise<Visitor> {
  const visitor = new Visitor(page, locale);
  await visitor.signUp();
  await visitor.expectBalance(120);
  await visitor.buyPack("basic");
  await visitor.pay();
  await visitor.expectPurchase(220);
  await visitor.makeReading();
  await expect(page).toHaveURL(/bazi\/[0-9a-f-]{36}/);
  return visitor;
}

async function expectPagesAccessible(visitor: Visitor, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await visitor.open(path);
    await visitor.page.waitForLoadState("networkidle");
    if (path === "/docs/api") {
      const reference = visitor.page.locator(".api-reference");
      await expect(reference.getByRole("heading", { name: "Spend credits" })).toBeAttached();
    }
    // The API reference has a heading of its own.
    const heading = visitor.page.getByRole("heading", { level: 1 });
    const ours = heading.and(visitor.page.locator(":not(.api-reference *)"));
    await expect(ours).toHaveCount(1);
    await expectAccessibleInEverySize(visitor.page, path);
  }
}

/** Checks menus, notices, lists, dialogs and forms with errors. */
async function expectPopupsAccessible(visitor: Visitor): Promise<void> {
  const { page } = visitor;
  const t = visitor.words("settings");
  await visitor.open("/settings");
  await page.waitForLoadState("networkidle");
  const account = visitor.words("common")("nav.account");
  await page.getByRole("button", { name: account, exact: true }).click();
  await expect(page.getByRole("menu")).toBeVisible();
  await expectAccessible(page, "the menu", { isPopup: true });
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toHaveCount(0);

  // The number of unread notices does not matter here.
  const bell = visitor.words("notifications")("bell.label", { unread: 0 });
  await page.getByRole("button", { name: new RegExp(`^${bell}`) }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await expectAccessible(page, "the notices", { isPopup: true });
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await page.getByRole("button", { name: t("deleteAccount.open") }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByLabel(t("deleteAccount.password"), { exact: true }).fill("not the password");
  await dialog.getByRole("button", { name: t("deleteAccount.confirm") }).click();
  await expect(dialog.getByText(t("deleteAccount.wrongPassword"))).toBeVisible();
  await expectAccessible(page, "the deletion dialog with a wrong password");

  const reading = visitor.words("bazi");
  await visitor.open("/bazi/new");
  await page.waitForLoadState("networkidle");
  await page.getByRole("combobox", { name: reading("form.month") }).click();
  await expect(page.getByRole("listbox")).toBeVisible();
  await expectAccessible(page, "a list of choices", { isPopup: true });
  await page.keyboard.press("Escape");
  await expect(page.getByRole("listbox")).toHaveCount(0);
  await page.getByRole("button", { name: visitor.submitReadingLabel() }).click();
  await expect(page.locator("[aria-invalid='true']").first()).toBeVisible();
  await expectAccessible(page, "/bazi/new with errors");
}

/** Checks the page in both sizes and themes, and that it fits the narrowest screen. */
async function expectAccessibleInEverySize(page: Page, name: string): Promise<void> {
  await page.setViewportSize({ width: 320, height: 700 });
  await expectFits(page, `${name} (320 wide)`);
  expect(await page.evaluate(countCutOffButtons), `${name}: cut off at 320`).toBe(0);
  for (const size of SIZES) {
    await page.setViewportSize(size);
    await expectAccessible(page, name);
  }
}

async function expectFits(page: Page, where: string): Promise<void> {
  const tooWide = () =>
    page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
  // A chart follows a change of the screen's size in its next frames.
  await expect.poll(tooWide, `${where}: pixels wider than the screen`).toBeLessThanOrEqual(0);
}

/** Runs in the page: how many buttons of a table can only be reached by scrolling it sideways. */
function countCutOffButtons(): number {
  const buttons = [
    ...document.querySelectorAll("section:has(> table) :is(button, a[class*='rounded'])"),
  ];
  return buttons.filter((button) => {
    const { left, right, width } = button.getBoundingClientRect();
    const table = button.closest("section")?.getBoundingClientRect();
    return width > 0 && table !== undefined && (left < table.left || right > table.right + 1);
  }).length;
}

/** Checks the page in both themes. The page stays open, because it follows the system's theme. */
async function expectAccessible(
  page: Page,
  name: string,
  options?: { isPopup: boolean },
): Promise<void> {
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme });
    await expect(page.locator("html.dark")).toHaveCount(theme === "dark" ? 1 : 0);
    const where = `${name} (${theme}, ${page.viewportSize()?.width} wide)`;
    expect.soft(await findViolations(page, options), where).toEqual([]);
    await expectFits(page, where);
  }
}
