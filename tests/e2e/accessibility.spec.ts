import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
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

for (const locale of LOCALES) {
  for (const theme of THEMES) {
    test(`pages for everybody have nothing that axe objects to (${locale}, ${theme})`, async ({
      page,
    }) => {
      test.setTimeout(180_000);
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await expectAccessible(new Visitor(page, locale), PUBLIC_PAGES);
    });
  }

  test(`pages for members have nothing that axe objects to (${locale})`, async ({ page }) => {
    test.setTimeout(300_000);
    await page.emulateMedia({ reducedMotion: "reduce" });
    const visitor = await memberWithHistory(page, locale);
    const reading = new URL(page.url()).pathname.replace(/^\/zh\//, "/");
    for (const theme of THEMES) {
      await page.emulateMedia({ colorScheme: theme });
      await expectAccessible(visitor, [reading, ...MEMBER_PAGES]);
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
    const { violations } = await new AxeBuilder({ page: visitor.page }).analyze();
    expect.soft(violations.map(findingOf), path).toEqual([]);
  }
}

type Violation = Awaited<ReturnType<AxeBuilder["analyze"]>>["violations"][number];

/** What a person who mends it needs to know. */
function findingOf({ id, help, nodes }: Violation) {
  return { id, help, where: nodes.map(({ target, html }) => `${target.join(" ")} ${html}`) };
}
