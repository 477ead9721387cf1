import { expect, test } from "@playwright/test";
import { findRunningApp } from "../setup/running-app";
import { LOCALES, Visitor } from "./visitor";

for (const locale of LOCALES) {
  test(`an admin finds a user, reads the ledger and the stored events (${locale})`, async ({
    browser,
    page,
  }) => {
    const customer = new Visitor(await (await browser.newContext()).newPage(), locale);
    await customer.signUp();
    await customer.expectBalance(120);
    await customer.buyPack("basic");
    await customer.pay();
    await customer.expectPurchase(220);

    const { admin } = await findRunningApp();
    const operator = new Visitor(page, locale);
    await operator.signIn(admin.email, admin.password);
    await expect(page).toHaveURL(/dashboard/);
    await operator.open(`/admin/users?q=${encodeURIComponent(customer.email)}`);
    await page.getByRole("link", { name: customer.email }).first().click();
    await expect(page).toHaveURL(/admin\/users\/.+/);
    const types = operator.words("credits");
    await expect(page.getByText(types("types.PURCHASE_PACKAGE.label")).first()).toBeVisible();

    await operator.open("/admin/events");
    await expect(page.getByText("checkout.session.completed").first()).toBeVisible();
  });
}

test("an admin page responds with 404 to anyone who is not an admin", async ({ page }) => {
  const visitor = new Visitor(page, "en");
  await visitor.open("/admin/users");
  await expect(page).toHaveURL(/sign-in/);
  await visitor.signUp();
  await visitor.expectBalance(120);
  const response = await page.goto("/admin/users");
  expect(response?.status()).toBe(404);
});
