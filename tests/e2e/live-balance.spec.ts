import { expect, test } from "@playwright/test";
import { itemName } from "@/catalog/items";
import { findRunningApp } from "../setup/running-app";
import { LOCALES, Visitor } from "./visitor";

/**
 * Usually two seconds suffice. The limit allows for a busy machine but stays well below the minute
 * after which every page refetches.
 */
const UPDATE_TIMEOUT = { timeout: 20_000 };

for (const locale of LOCALES) {
  test(`the balance updates immediately in this tab and in another (${locale})`, async ({
    page,
  }) => {
    const visitor = new Visitor(page, locale);
    await visitor.signUp();
    await visitor.expectBalance(120);
    const other = new Visitor(await page.context().newPage(), locale);
    await other.open("/dashboard");
    await expectBalances([other], 120);

    await page.bringToFront();
    await visitor.makeReading();
    await expect(page).toHaveURL(/bazi\/[0-9a-f-]{36}/);
    await expectBalances([visitor, other], 110);

    await visitor.open("/dashboard");
    await page.getByRole("button", { name: visitor.words("signin")("claim"), exact: true }).click();
    await expect(page.getByRole("button", { name: visitor.words("signin")("done") })).toBeVisible();
    await expectBalances([visitor, other], 115);

    await visitor.buyPack("standard");
    await visitor.pay();
    await visitor.expectPurchase(315);
    await expectBalances([visitor, other], 315);
    // The ledger of the other tab refreshes together with its balance.
    const bought = other.page.getByText(itemName("pack-standard", locale), { exact: true });
    await expect(bought).toBeVisible();
  });

  test(`Back shows the current balance, not the one of the restored page (${locale})`, async ({
    page,
  }) => {
    const visitor = new Visitor(page, locale);
    await visitor.signUp();
    await visitor.expectBalance(120);
    await page.getByRole("link", { name: visitor.words("product")("start") }).click();
    await expect(page).toHaveURL(/bazi\/new/);
    await visitor.fillReading();
    await page.getByRole("button", { name: visitor.submitReadingLabel() }).click();
    await expect(page).toHaveURL(/bazi\/[0-9a-f-]{36}/);
    await visitor.expectBalance(110);
    for (const url of [/bazi\/new/, /dashboard/]) {
      await page.goBack();
      await expect(page).toHaveURL(url);
      await page.waitForLoadState("networkidle");
      await expectBalances([visitor], 110);
    }
  });

  test(`a delayed payment shows as waiting and then as granted (${locale})`, async ({
    page,
    request,
  }) => {
    const visitor = new Visitor(page, locale);
    const t = visitor.words("billing");
    await visitor.signUp();
    await visitor.expectBalance(120);
    await visitor.buyPack("basic");
    await page.getByTestId("pay-later").check();
    await page.getByTestId("pay").click();
    await expect(page).toHaveURL(/billing\/success/);
    await expect(page.getByText(t("success.waiting"))).toBeVisible();
    await visitor.expectBalance(120);
    const id = new URL(page.url()).searchParams.get("session_id") ?? "";
    const { simulatorUrl } = await findRunningApp();
    expect((await request.post(simulatorUrl, { form: { action: "settle", id } })).ok()).toBe(true);
    await visitor.expectPurchase(220);
  });
}

async function expectBalances(visitors: readonly Visitor[], credits: number): Promise<void> {
  for (const visitor of visitors) {
    const figure = new Intl.NumberFormat(visitor.locale).format(credits);
    const label = visitor.words("common")("balance.label");
    await expect(visitor.page.getByLabel(label).first()).toHaveText(
      new RegExp(`^\\s*${figure}(\\D|$)`),
      UPDATE_TIMEOUT,
    );
  }
}
