import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { waitForAnimations } from "./animations";
import { LOCALES, type Locale, Visitor } from "./visitor";

const THEMES = ["light", "dark"] as const;

const PUBLIC_PAGES = [
  "/",
  "/pricing",
  "/terms",
  "/privacy",
  "/refunds",
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
  "/billing/success?session_id=cs_unknown",
  "/bazi/00000000-0000-4000-8000-000000000000",
];

/** The phone layout differs: it scrolls, collapses and stacks elements. */
const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1280, height: 800 };

for (const locale of LOCALES) {
  for (const theme of THEMES) {
    test(`public pages have no accessibility violations (${locale}, ${theme})`, async ({
      page,
    }) => {
      test.setTimeout(300_000);
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      const visitor = new Visitor(page, locale);
      for (const size of [DESKTOP, PHONE]) {
        await page.setViewportSize(size);
        await expectAccessible(visitor, PUBLIC_PAGES);
      }
      await visitor.open("/sign-up");
      await page.getByRole("button", { name: visitor.words("auth")("signUp.submit") }).click();
      await expect(page.locator("[aria-invalid='true']").first()).toBeVisible();
      await expectAccessiblePage(page, "/sign-up with errors");
    });
  }

  test(`the dialog about too few credits has no accessibility violations (${locale})`, async ({
    page,
  }) => {
    test.setTimeout(240_000);
    const visitor = new Visitor(page, locale);
    await visitor.signUp();
    await visitor.expectBalance(120);
    await visitor.createReadings(12);
    await visitor.open("/bazi/new");
    await visitor.fillReading({ day: 21 });
    await page.getByRole("button", { name: visitor.submitReadingLabel() }).click();
    const title = visitor.words("bazi")("form.fewTitle");
    await expect(page.getByRole("dialog", { name: title })).toBeVisible();
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      for (const size of [DESKTOP, PHONE]) {
        await page.setViewportSize(size);
        await expectAccessiblePage(page, `too few credits (${theme})`);
      }
    }
  });

  test(`member pages have no accessibility violations (${locale})`, async ({ page }) => {
    test.setTimeout(600_000);
    await page.emulateMedia({ reducedMotion: "reduce" });
    const visitor = await createMemberWithHistory(page, locale);
    const reading = new URL(page.url()).pathname.replace(/^\/zh\//, "/");
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme });
      for (const size of [DESKTOP, PHONE]) {
        await page.setViewportSize(size);
        await expectAccessible(visitor, [reading, ...MEMBER_PAGES]);
        await expectPopupsAccessible(visitor);
      }
    }
  });
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

async function expectAccessible(visitor: Visitor, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await visitor.open(path);
    await visitor.page.waitForLoadState("networkidle");
    await expect(visitor.page.getByRole("heading", { level: 1 })).toHaveCount(1);
    await expectAccessiblePage(visitor.page, path);
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
  await expectAccessiblePopup(page, "the menu");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toHaveCount(0);

  // The number of unread notices does not matter here.
  const bell = visitor.words("notifications")("bell.label", { unread: 0 });
  await page.getByRole("button", { name: new RegExp(`^${bell}`) }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await expectAccessiblePopup(page, "the notices");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await page.getByRole("button", { name: t("deleteAccount.open") }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByLabel(t("deleteAccount.password")).fill("not the password");
  await dialog.getByRole("button", { name: t("deleteAccount.confirm") }).click();
  await expect(dialog.getByText(t("deleteAccount.wrongPassword"))).toBeVisible();
  await expectAccessiblePage(page, "the deletion dialog with a wrong password");

  const reading = visitor.words("bazi");
  await visitor.open("/bazi/new");
  await page.waitForLoadState("networkidle");
  await page.getByRole("combobox", { name: reading("form.month") }).click();
  await expect(page.getByRole("listbox")).toBeVisible();
  await expectAccessiblePopup(page, "a list of choices");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("listbox")).toHaveCount(0);
  await page.getByRole("button", { name: visitor.submitReadingLabel() }).click();
  await expect(page.locator("[aria-invalid='true']").first()).toBeVisible();
  await expectAccessiblePage(page, "/bazi/new with errors");
}

async function expectAccessiblePage(page: Page, name: string): Promise<void> {
  await expectNoViolations(new AxeBuilder({ page }), { page, name });
}

/**
 * Checks the page with an open menu or list. A popup belongs to its trigger and needs no landmark.
 * Its focus guards are excluded because they pass the focus on immediately.
 */
async function expectAccessiblePopup(page: Page, name: string): Promise<void> {
  const axe = new AxeBuilder({ page }).disableRules(["region"]);
  await expectNoViolations(axe.exclude("[data-base-ui-focus-guard]"), { page, name });
}

async function expectNoViolations(
  axe: AxeBuilder,
  { page, name }: { page: Page; name: string },
): Promise<void> {
  await waitForAnimations(page);
  const { violations } = await axe.analyze();
  expect.soft(violations.map(findingOf), name).toEqual([]);
  const tooWide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect.soft(tooWide, `${name}: pixels wider than the screen`).toBeLessThanOrEqual(0);
}

type Violation = Awaited<ReturnType<AxeBuilder["analyze"]>>["violations"][number];

/** The facts needed to fix a violation. */
function findingOf({ id, help, nodes }: Violation) {
  return { id, help, where: nodes.map(({ target, html }) => `${target.join(" ")} ${html}`) };
}
