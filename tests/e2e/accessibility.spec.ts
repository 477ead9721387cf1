import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { atRest } from "./at-rest";
import { LOCALES, type Locale, Visitor } from "./visitor";

const THEMES = ["light", "dark"] as const;

const PUBLIC_PAGES = [
  ...["/", "/pricing", "/terms", "/privacy", "/refunds"],
  ...["/sign-in", "/sign-up", "/forgot-password", "/reset-password?token=none"],
  ...["/verify-email", "/unsubscribe", "/nowhere"],
];

const MEMBER_PAGES = [
  ...["/dashboard", "/bazi", "/bazi/new", "/credits", "/billing", "/settings"],
  ...["/billing/success?session_id=cs_unknown", "/bazi/00000000-0000-4000-8000-000000000000"],
];

/** A phone has parts of its own: what scrolls, what is folded away, what stands under each other. */
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 800 };

for (const locale of LOCALES) {
  for (const theme of THEMES) {
    test(`pages for everybody have nothing that axe objects to (${locale}, ${theme})`, async ({
      page,
    }) => {
      test.setTimeout(300_000);
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      const visitor = new Visitor(page, locale);
      for (const size of [DESK, PHONE]) {
        await page.setViewportSize(size);
        await expectAccessible(visitor, PUBLIC_PAGES);
      }
      await visitor.open("/sign-up");
      await page.getByRole("button", { name: visitor.words("auth")("signUp.submit") }).click();
      await expect(page.locator("[aria-invalid='true']").first()).toBeVisible();
      await expectAccessiblePage(page, "/sign-up with mistakes");
    });
  }

  test(`whoever has too few credits is told so in an accessible way (${locale})`, async ({
    page,
  }) => {
    test.setTimeout(240_000);
    const visitor = new Visitor(page, locale);
    await visitor.signUp();
    await visitor.expectBalance(120);
    await visitor.spendAll(12);
    await visitor.open("/bazi/new");
    await visitor.fillReading({ day: 21 });
    await page.getByRole("button", { name: visitor.makeButton() }).click();
    const title = visitor.words("bazi")("form.fewTitle");
    await expect(page.getByRole("dialog", { name: title })).toBeVisible();
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      for (const size of [DESK, PHONE]) {
        await page.setViewportSize(size);
        await expectAccessiblePage(page, `too few credits (${theme})`);
      }
    }
  });

  test(`pages for members have nothing that axe objects to (${locale})`, async ({ page }) => {
    test.setTimeout(600_000);
    await page.emulateMedia({ reducedMotion: "reduce" });
    const visitor = await memberWithHistory(page, locale);
    const reading = new URL(page.url()).pathname.replace(/^\/zh\//, "/");
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme });
      for (const size of [DESK, PHONE]) {
        await page.setViewportSize(size);
        await expectAccessible(visitor, [reading, ...MEMBER_PAGES]);
        await expectAccessibleWhenOpened(visitor);
      }
    }
  });
}

/** Somebody with a purchase, a reading and a ledger, on the page of the reading. */
async function memberWithHistory(page: Page, locale: Locale): Promise<Visitor> {
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

/** Menus, notices, lists, questions and forms with mistakes. */
async function expectAccessibleWhenOpened(visitor: Visitor): Promise<void> {
  const { page } = visitor;
  const t = visitor.words("settings");
  await visitor.open("/settings");
  await page.waitForLoadState("networkidle");
  const account = visitor.words("common")("nav.account");
  await page.getByRole("button", { name: account, exact: true }).click();
  await expect(page.getByRole("menu")).toBeVisible();
  await expectAccessibleOpened(page, "the menu");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toHaveCount(0);

  // Whether its notices are read yet is another test's question.
  const bell = visitor.words("notifications")("bell.label", { unread: 0 });
  await page.getByRole("button", { name: new RegExp(`^${bell}`) }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await expectAccessibleOpened(page, "the notices");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await page.getByRole("button", { name: t("deleteAccount.open") }).click();
  const question = page.getByRole("alertdialog");
  await question.getByLabel(t("deleteAccount.password")).fill("not the password");
  await question.getByRole("button", { name: t("deleteAccount.confirm") }).click();
  await expect(question.getByText(t("deleteAccount.wrongPassword"))).toBeVisible();
  await expectAccessiblePage(page, "the last question, answered wrongly");

  const reading = visitor.words("bazi");
  await visitor.open("/bazi/new");
  await page.waitForLoadState("networkidle");
  await page.getByRole("combobox", { name: reading("form.month") }).click();
  await expect(page.getByRole("listbox")).toBeVisible();
  await expectAccessibleOpened(page, "a list of choices");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("listbox")).toHaveCount(0);
  await page.getByRole("button", { name: visitor.makeButton() }).click();
  await expect(page.locator("[aria-invalid='true']").first()).toBeVisible();
  await expectAccessiblePage(page, "/bazi/new with mistakes");
}

async function expectAccessiblePage(page: Page, what: string): Promise<void> {
  await expectNothingIn(new AxeBuilder({ page }), { page, what });
}

/**
 * The page with a menu or a list open. These belong to what opened them, wherever in the document
 * they stand, so they need no landmark; and the guards at their ends pass the focus on at once, so
 * that nobody ever stands on one.
 */
async function expectAccessibleOpened(page: Page, what: string): Promise<void> {
  const axe = new AxeBuilder({ page }).disableRules(["region"]);
  await expectNothingIn(axe.exclude("[data-base-ui-focus-guard]"), { page, what });
}

async function expectNothingIn(
  axe: AxeBuilder,
  { page, what }: { page: Page; what: string },
): Promise<void> {
  await atRest(page);
  const { violations } = await axe.analyze();
  expect.soft(violations.map(findingOf), what).toEqual([]);
  const tooWide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect.soft(tooWide, `${what}: pixels wider than the screen`).toBeLessThanOrEqual(0);
}

type Violation = Awaited<ReturnType<AxeBuilder["analyze"]>>["violations"][number];

/** What a person who mends it needs to know. */
function findingOf({ id, help, nodes }: Violation) {
  return { id, help, where: nodes.map(({ target, html }) => `${target.join(" ")} ${html}`) };
}
