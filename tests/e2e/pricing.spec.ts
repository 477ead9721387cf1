import { expect, test } from "@playwright/test";
import { catalog } from "@/catalog/catalog";
import { findPlan, itemName, listPacks, yearlySaving } from "@/catalog/items";
import { FORMAT_LOCALES } from "@/lib/formats";
import { LOCALES, type Locale, Visitor } from "./visitor";

for (const locale of LOCALES) {
  test(`the pricing page shows the prices of the catalogue, the yearly saving and prices per credit (${locale})`, async ({
    page,
  }) => {
    const visitor = new Visitor(page, locale);
    const t = visitor.words("pricing");
    await visitor.open("/pricing");
    const savingCents = Math.max(
      ...catalog.plans.map((plan) => yearlySaving(plan, catalog.currency) ?? 0),
    );
    const saving = t("interval.saving", { amount: money(locale, savingCents / 100, 2) });
    await expect(page.getByText(saving, { exact: true })).toBeVisible();
    for (const { id, amounts, credits, expireDays } of listPacks()) {
      const priceCents = amounts[catalog.currency] ?? 0;
      const row = page.getByRole("row").filter({ hasText: itemName(id, locale) });
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
    const name = (plan: string) => findPlan(plan)?.name[locale] ?? plan;
    const card = (name: string) => page.getByRole("article").filter({ hasText: name });
    const mark = page.getByText(t("current"), { exact: true });
    await expect(card(name("free")).getByText(t("current"), { exact: true })).toBeVisible();
    await expect(mark).toHaveCount(1);
    await page.getByText(t("interval.year")).first().click();
    await visitor.buyPlan("pro");
    await visitor.pay();
    await visitor.expectPurchase(1120);

    await visitor.open("/pricing");
    const pro = card(name("pro")).filter({ hasText: t("per.year") });
    await expect(pro.getByText(t("current"), { exact: true })).toBeVisible();
    await expect(mark).toHaveCount(1);
    await expect(pro.getByRole("link", { name: t("manage") })).toBeVisible();
    await expect(visitor.buyButton("pro")).toHaveCount(0);
    await page.getByText(t("interval.month")).first().click();
    await expect(mark).toHaveCount(0);
    await expect(page.getByRole("link", { name: t("manage") })).toBeVisible();
    await expect(visitor.buyButton("pro")).toHaveCount(0);
    await expect(visitor.buyButton("lifetime")).toBeVisible();
  });
}

for (const locale of LOCALES) {
  test(`a visitor's chosen plan survives sign-up and leads to checkout, an invoice and monthly credits (${locale})`, async ({
    page,
  }) => {
    test.setTimeout(120_000);
    const visitor = new Visitor(page, locale);
    const chosen = visitor.words("auth");
    await visitor.open("/pricing");
    await expect(page.getByText(visitor.words("pricing")("viewer.next"))).toBeVisible();
    await visitor.buyButton("pro").click();
    await expect(page).toHaveURL(/sign-up\?next=/);
    const price = money(locale, 9.9, 2);
    const name = findPlan("pro")?.name[locale] ?? "";
    await expect(page.getByText(chosen("chosen.month", { name, price }))).toBeVisible();
    await expect(page.getByText(chosen("chosen.account"))).toBeVisible();
    await visitor.fillSignUp();
    await visitor.consent();
    await visitor.pay();
    await visitor.expectPurchase(1120);

    await visitor.open("/billing");
    const t = visitor.words("billing");
    const search = page.getByRole("search", { name: t("payments.filter.label") });
    const rows = page.getByRole("region", { name: t("payments.caption") }).locator("tbody tr");
    await expect(rows).toHaveCount(1);
    const number = /[A-Z0-9]{8}-\d{4}/.exec(await rows.innerText())?.[0] ?? "no number";
    const find = async (text: string) => {
      await search.getByRole("searchbox").fill(text);
      await search.getByRole("button", { name: t("payments.filter.apply") }).click();
    };
    await find("no such invoice");
    await expect(page.getByText(t("payments.noneFound"))).toBeVisible();
    await find(number);
    await expect(rows).toContainText(itemName("pro-monthly", locale));

    await visitor.open("/dashboard");
    const sentence = visitor.words("dashboard")("balance.onRenewal").split("<date></date>");
    const next = page.locator("dl").filter({ hasText: new RegExp(sentence.join(".+")) });
    await expect(next).toContainText(visitor.words("dashboard")("balance.allotment"));
    await expect(next).toContainText(new Intl.NumberFormat(locale).format(1000));
  });
}

function money(locale: Locale, dollars: number, digits: number): string {
  return new Intl.NumberFormat(FORMAT_LOCALES[locale], {
    style: "currency",
    currency: "USD",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(dollars);
}
