import { expect, type Page, test } from "@playwright/test";
import { itemName } from "@/catalog/items";
import { findRunningApp } from "../setup/running-app";
import { LOCALES, Visitor } from "./visitor";

for (const locale of LOCALES) {
  test(`a user with too few credits buys a pack and returns to the filled form (${locale})`, async ({
    page,
  }) => {
    const visitor = new Visitor(page, locale);
    const t = visitor.words("bazi");
    await visitor.signUp();
    await visitor.expectBalance(120);
    await visitor.createReadings(12);

    await visitor.open("/bazi/new");
    // Said before anything is typed, and again when the form is submitted.
    await expect(page.getByRole("button", { name: t("form.fewBuy") })).toBeVisible();
    await visitor.fillReading({ day: 21 });
    await page.getByRole("button", { name: visitor.submitReadingLabel() }).click();
    const dialog = page.getByRole("dialog", { name: t("form.fewTitle") });
    const credits = visitor.words("common")("credits", { amount: 5, amountText: "5" });
    const topUp = visitor.words("credits");
    await dialog.getByRole("button", { name: topUp("topUp.claim", { credits }) }).click();
    await visitor.expectBalance(5);
    const pack = dialog.getByRole("listitem").filter({ hasText: itemName("pack-basic", locale) });
    await pack.getByRole("button").click();
    await visitor.consent();
    await visitor.pay();
    await visitor.expectPurchase(105);

    const facts = page.getByRole("main").locator("dl");
    await expect(facts).toContainText(itemName("pack-basic", locale));
    await expect(facts).toContainText("9.90");
    await page.getByRole("link", { name: visitor.words("billing")("success.continue") }).click();
    await expect(page.getByText(t("form.restored"))).toBeVisible();
    await expect(page.getByLabel(t("form.name"), { exact: true })).toHaveValue("林月");
    await expect(page.getByRole("radio", { name: t("birth.female") })).toBeChecked();
    await expect(page.getByLabel(t("form.year"))).toHaveValue("1990");
    await expect(page.getByRole("combobox", { name: t("form.day") })).toContainText("21");
    await expect(page.getByLabel(t("form.time"), { exact: true })).toHaveValue("08:30");
    await page.getByRole("button", { name: visitor.submitReadingLabel() }).click();
    await expect(page).toHaveURL(/bazi\/[0-9a-f-]{36}/);
    await visitor.expectBalance(95);
  });

  test(`a reading is deleted after a confirmation and stays charged (${locale})`, async ({
    page,
  }) => {
    const visitor = new Visitor(page, locale);
    const t = visitor.words("bazi");
    await visitor.signUp();
    await visitor.expectBalance(120);
    await visitor.makeReading();
    await expect(page).toHaveURL(/bazi\/[0-9a-f-]{36}/);
    const reading = page.url();

    await page.getByRole("button", { name: t("reading.delete") }).click();
    const dialog = page.getByRole("alertdialog");
    await expect(dialog).toContainText("林月");
    await dialog.getByRole("button", { name: t("reading.deleteConfirm") }).click();
    await expect(page).toHaveURL(/\/bazi$/);
    await expect(page.getByText(t("list.empty"))).toBeVisible();
    await visitor.expectBalance(110);
    await page.goto(reading);
    await expect(page.getByRole("heading", { name: t("reading.goneTitle") })).toBeVisible();
  });

  test(`a plan is cancelled, resumed and switched from named buttons (${locale})`, async ({
    page,
    request,
  }) => {
    const visitor = new Visitor(page, locale);
    const t = visitor.words("billing");
    const { simulatorUrl } = await findRunningApp();
    const setDelivery = async (mode: "delay" | "normal") => {
      const response = await request.post(simulatorUrl, { form: { action: "mode", mode } });
      expect(response.ok()).toBe(true);
    };
    await visitor.signUp();
    await visitor.expectBalance(120);
    await visitor.open("/pricing");
    await visitor.buyPlan("pro");
    await visitor.pay();
    await visitor.expectPurchase(1120);
    await visitor.open("/billing");
    const renewal = await termDate(page, t("plan.renews"));
    const dialog = page.getByRole("dialog");

    // The events are late, and the page that the portal returns to shows the result all the same.
    await setDelivery("delay");
    try {
      await page.getByRole("button", { name: t("change.cancel.button"), exact: true }).click();
      await expect(dialog.locator("time").first()).toHaveAttribute("datetime", renewal ?? "");
      await dialog.getByRole("button", { name: t("change.cancel.continue") }).click();
      await page.getByTestId("confirm").click();
      await expect(page).toHaveURL(/done=cancel/);
      expect(await termDate(page, t("plan.ends"))).toBe(renewal);
      await expect(line(page, t("plan.renews"))).toHaveCount(0);

      await page.getByRole("button", { name: t("change.resume.end"), exact: true }).click();
      expect(await termDate(page, t("plan.renews"))).toBe(renewal);

      await page.getByRole("button", { name: t("change.to.year") }).click();
      await expect(dialog.getByText(t("change.switch.noCredits.now"))).toBeVisible();
      const due = (await dialog.locator("dd").first().innerText()).split("\n")[0] ?? "";
      expect(due).toMatch(/US\$(89|90|99)\.\d\d/);
      await dialog.getByRole("button", { name: t("change.continue") }).click();
      await page.getByTestId("confirm").click();
      await expect(page).toHaveURL(/done=switch/);
      const yearly = t("change.done.now", { plan: itemName("pro-yearly", locale) });
      await expect(page.getByText(yearly)).toBeVisible();
      await expect(page.getByRole("button", { name: t("change.to.month") })).toBeVisible();
    } finally {
      await setDelivery("normal");
    }
    await page.getByRole("button", { name: t("change.card") }).click();
    await page.getByTestId("confirm").click();
    await expect(page.getByText(t("change.done.card"))).toBeVisible();
    await visitor.expectBalance(1120);
  });
}

test("a form that is submitted twice creates one reading", async ({ page }) => {
  const visitor = new Visitor(page, "en");
  await visitor.signUp();
  await visitor.expectBalance(120);
  await visitor.open("/bazi/new");
  await visitor.fillReading();
  await page
    .getByRole("button", { name: visitor.submitReadingLabel() })
    .evaluate((button: HTMLButtonElement) => {
      button.form?.requestSubmit();
      button.form?.requestSubmit();
    });
  await expect(page).toHaveURL(/bazi\/[0-9a-f-]{36}/);
  await visitor.expectBalance(110);
  await visitor.open("/bazi");
  const list = page.getByRole("region", { name: visitor.words("bazi")("list.readingsTitle") });
  await expect(list.getByRole("row")).toHaveCount(2);
});

test("the selected language and theme persist", async ({ page }) => {
  const visitor = new Visitor(page, "en");
  const t = visitor.words("common");
  await visitor.open("/pricing?interval=year");
  await page.getByLabel(t("theme.label")).first().selectOption(t("theme.dark"));
  await expect(page.locator("html")).toHaveClass(/dark/);

  await page
    .getByRole("link", { name: t("languageNames.zh-CN") })
    .first()
    .click();
  await expect(page).toHaveURL(/\/zh\/pricing\?interval=year/);
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await expect(page.locator("html")).toHaveClass(/dark/);

  // The path without a locale redirects to the selected language, not to the browser's.
  await page.goto("/");
  await expect(page).toHaveURL(/\/zh$/);
  await expect(page.locator("html")).toHaveClass(/dark/);

  // React recreates <html> on a not-found page.
  await visitor.open("/nowhere");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator("html")).toHaveClass(/dark/);
});

/** The line of the plan card with this sentence and any date. */
function line(page: Page, sentence: string) {
  const [before = "", after = ""] = sentence.split("<date></date>");
  return page
    .getByRole("listitem")
    .filter({ has: page.locator("time") })
    .filter({ hasText: new RegExp(`^${before}.+${after}$`) });
}

async function termDate(page: Page, sentence: string): Promise<string | null> {
  return line(page, sentence).locator("time").getAttribute("datetime");
}
