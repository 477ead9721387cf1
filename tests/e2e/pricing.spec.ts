import { expect, test } from "@playwright/test";
import { PACK_IDS, PACKS, PLANS } from "@/catalog/catalog";
import { FORMAT_LOCALES } from "@/lib/formats";
import { LOCALES, type Locale, Visitor } from "./visitor";

for (const locale of LOCALES) {
  test(`the pricing page shows the prices of the catalogue, the yearly saving and prices per credit (${locale})`, async ({
    page,
  }) => {
    const visitor = new Visitor(page, locale);
    const t = visitor.words("pricing");
    await visitor.open("/pricing");
    const savingCents = PLANS["pro-monthly"].priceCents * 12 - PLANS["pro-yearly"].priceCents;
    const saving = t("interval.saving", { amount: money(locale, savingCents / 100, 2) });
    await expect(page.getByText(saving, { exact: true })).toBeVisible();
    for (const packId of PACK_IDS) {
      const { priceCents, credits, expireDays } = PACKS[packId];
      const row = page.getByRole("row").filter({ hasText: t(`packs.names.${packId}`) });
      await expect(row).toContainText(money(locale, priceCents / 100, 2));
      await expect(row).toContainText(money(locale, priceCents / 100 / credits, 4));
      await expect(row).toContainText(new Intl.NumberFormat(locale).format(credits));
      await expect(row).toContainText(t("packs.days", { days: expireDays ?? 0 }));
    }
  });

  test(`a yearly member sees the plan marked and cannot buy a second one (${locale})`, async ({
    page,
  }) => {
    test.setTimeout(120_000);
    const visitor = new Visitor(page, locale);
    const t = visitor.words("pricing");
    await visitor.signUp();
    await visitor.expectBalance(120);
    await visitor.open("/pricing");
    const card = (name: string) => page.getByRole("article").filter({ hasText: name });
    const mark = page.getByText(t("current"), { exact: true });
    await expect(card(t("names.free")).getByText(t("current"), { exact: true })).toBeVisible();
    await expect(mark).toHaveCount(1);
    await page.getByText(t("interval.year")).first().click();
    await page.getByRole("button", { name: t("buy.pro") }).click();
    await visitor.pay();
    await visitor.expectPurchase(1120);

    await visitor.open("/pricing");
    const pro = card(t("names.pro")).filter({ hasText: t("per.year") });
    await expect(pro.getByText(t("current"), { exact: true })).toBeVisible();
    await expect(mark).toHaveCount(1);
    await expect(pro.getByRole("link", { name: t("manage") })).toBeVisible();
    await expect(page.getByRole("button", { name: t("buy.pro") })).toHaveCount(0);
    await page.getByText(t("interval.month")).first().click();
    await expect(mark).toHaveCount(0);
    await expect(page.getByRole("link", { name: t("manage") })).toBeVisible();
    await expect(page.getByRole("button", { name: t("buy.pro") })).toHaveCount(0);
    await expect(page.getByRole("button", { name: t("buy.lifetime") })).toBeVisible();
  });
}

test("the dashboard shows a monthly member the next credits", async ({ page }) => {
  const visitor = new Visitor(page, "en");
  await visitor.signUp();
  await visitor.expectBalance(120);
  await visitor.open("/pricing");
  await page.getByRole("button", { name: visitor.words("pricing")("buy.pro") }).click();
  await visitor.pay();
  await visitor.expectPurchase(1120);
  await visitor.open("/dashboard");
  const [before = ""] = visitor.words("dashboard")("balance.onRenewal").split("<date>");
  const next = page.locator("dl").filter({ hasText: before });
  await expect(next).toContainText(visitor.words("dashboard")("balance.allotment"));
  await expect(next).toContainText(new Intl.NumberFormat("en").format(1000));
});

function money(locale: Locale, dollars: number, digits: number): string {
  return new Intl.NumberFormat(FORMAT_LOCALES[locale], {
    style: "currency",
    currency: "USD",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(dollars);
}
