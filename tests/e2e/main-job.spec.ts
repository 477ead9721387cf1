import { expect, test } from "@playwright/test";
import { getFeature } from "@/catalog/items";
import { LOCALES, Visitor } from "./visitor";

for (const locale of LOCALES) {
  test(`a new user buys a pack, creates a reading and sees both in the ledger (${locale})`, async ({
    page,
  }) => {
    const visitor = new Visitor(page, locale);
    await visitor.signUp();
    await expect(page).toHaveURL(/dashboard/);
    await visitor.expectBalance(120);

    await visitor.buyPack("standard");
    await visitor.pay();
    await visitor.expectPurchase(320);

    await visitor.makeReading();
    await expect(page).toHaveURL(/bazi\/[0-9a-f-]{36}/);
    await visitor.expectBalance(310);
    const reading = page.url();

    await visitor.open("/credits");
    const types = visitor.words("credits");
    const ledger = page.getByRole("region", { name: types("ledger.caption") });
    const grants = ["PURCHASE_PACKAGE", "MONTHLY_REFRESH", "REGISTER_GIFT"];
    const labels = grants.map((type) => types(`types.${type}.label`));
    for (const label of [getFeature("bazi-reading").name[locale], ...labels]) {
      await expect(ledger.locator("summary", { hasText: label })).toBeVisible();
    }

    await visitor.signOut();
    await visitor.signIn();
    await expect(page).toHaveURL(/dashboard/);
    await visitor.expectBalance(310);
    await page.goto(reading);
    await expect(page.getByRole("heading", { level: 1 })).toContainText("林月");
  });

  test(`a user buys Lifetime and Pro monthly (${locale})`, async ({ page }) => {
    const visitor = new Visitor(page, locale);
    await visitor.signUp();
    await visitor.expectBalance(120);

    await visitor.open("/pricing");
    await visitor.buyPlan("lifetime");
    await visitor.pay();
    await visitor.expectPurchase(1120);

    await visitor.open("/pricing");
    await visitor.buyPlan("pro");
    await visitor.pay();
    await visitor.expectPurchase(2120);
  });
}

test("the form rejects an impossible date and keeps the typed values", async ({ page }) => {
  const visitor = new Visitor(page, "en");
  await visitor.signUp();
  await visitor.expectBalance(120);
  await visitor.open("/bazi/new");
  await visitor.fillReading({ day: 30 });
  await page.getByRole("button", { name: visitor.submitReadingLabel() }).click();
  await expect(page.locator("[aria-invalid='true']").first()).toBeVisible();
  await expect(page.getByLabel(visitor.words("bazi")("form.year"))).toHaveValue("1990");
  await visitor.expectBalance(120);
});

test("a declined card changes nothing, and the next card works", async ({ page }) => {
  const visitor = new Visitor(page, "en");
  await visitor.signUp();
  await visitor.expectBalance(120);
  await visitor.buyPack("basic");
  await page.getByTestId("decline").check();
  await page.getByTestId("pay").click();
  await expect(page.getByTestId("error")).toBeVisible();
  await visitor.pay();
  await visitor.expectPurchase(220);
});

test("a wrong password and a taken email address show an error in the form", async ({ page }) => {
  const visitor = new Visitor(page, "en");
  await visitor.signUp();
  await visitor.expectBalance(120);
  await visitor.signOut();

  await visitor.signIn(visitor.email, "another sentence altogether");
  await expect(page.getByRole("alert").first()).toBeVisible();
  await expect(page).toHaveURL(/sign-in/);

  await visitor.signUp();
  await expect(page.locator("[aria-invalid='true']").first()).toBeVisible();
  await expect(page).toHaveURL(/sign-up/);
});
