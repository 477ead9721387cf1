import { expect, type Page, test } from "@playwright/test";
import { LOCALES, Visitor } from "./visitor";

for (const locale of LOCALES) {
  test(`a lunar birth without a time at another place is read, saved, prefilled and deleted (${locale})`, async ({
    page,
  }) => {
    const visitor = new Visitor(page, locale);
    const t = visitor.words("bazi");
    await visitor.signUp();
    await visitor.expectBalance(120);
    await visitor.open("/bazi/new");
    await page.getByLabel(t("form.name"), { exact: true }).fill("王小明");
    await page.getByRole("radio", { name: t("birth.male"), exact: true }).check();
    await page.getByRole("radio", { name: t("birth.lunar") }).check();
    await page.getByLabel(t("form.year")).fill("1987");
    await visitor.choose(t("form.month"), t("lunarMonthName", { month: "6" }));
    await visitor.choose(t("form.day"), t("lunarDayName", { day: "15" }));
    await page.getByRole("checkbox", { name: t("form.leapMonth") }).check();
    await page.getByRole("checkbox", { name: t("form.timeUnknown") }).check();
    await visitor.choosePlace(t("form.placeOther"));
    await page.getByLabel(t("form.longitude")).fill("-56.16");
    await page.getByLabel(t("form.zone")).selectOption("America/Montevideo");
    await page.getByRole("checkbox", { name: t("form.keepProfile") }).check();
    await page.getByRole("button", { name: visitor.submitReadingLabel() }).click();
    await expect(page).toHaveURL(/bazi\/[0-9a-f-]{36}/);
    await expect(page.getByRole("heading", { level: 1, name: "王小明" })).toBeVisible();
    await visitor.expectBalance(110);

    await visitor.open("/bazi/new");
    await expect(page.getByLabel(t("form.year"))).toHaveValue("1987");
    await expect(page.getByRole("radio", { name: t("birth.lunar") })).toBeChecked();
    await expect(page.getByRole("checkbox", { name: t("form.timeUnknown") })).toBeChecked();
    await expect(page.getByLabel(t("form.longitude"))).toHaveValue("-56.16");

    await visitor.open("/bazi");
    await page.getByRole("button", { name: t("list.profileDelete") }).click();
    await expect(page.getByText(t("list.profileEmpty"))).toBeVisible();
    await visitor.open("/bazi/new");
    await expect(page.getByLabel(t("form.year"))).toHaveValue("");
  });

  test(`the birthplace is found in the cities of the world by keyboard and kept (${locale})`, async ({
    page,
  }) => {
    const visitor = new Visitor(page, locale);
    const t = visitor.words("bazi");
    const chosen = { en: "Zürich, Zurich, Switzerland", "zh-CN": "苏黎世，瑞士 Zurich" }[locale];
    await visitor.signUp();
    await visitor.expectBalance(120);
    await visitor.open("/bazi/new");
    await visitor.fillReading();
    const place = page.getByRole("combobox", { name: t("form.place") });
    await place.fill(locale === "en" ? "zurich" : "蘇黎世");
    await expect(page.getByRole("option").first()).toContainText(
      locale === "en" ? "Zürich" : "苏黎世",
    );
    await expect(page.getByRole("option").first()).toContainText(
      locale === "en" ? "Central European Time" : "中欧时间",
    );
    await place.press("Enter");
    await expect(place).toHaveValue(chosen);
    await page.reload();
    await expect(place).toHaveValue(chosen);
    await page.getByRole("checkbox", { name: t("form.keepProfile") }).check();
    await page.getByRole("button", { name: visitor.submitReadingLabel() }).click();
    await expect(page).toHaveURL(/bazi\/[0-9a-f-]{36}/);
    await expect(page.getByText(chosen)).toBeVisible();
    await visitor.open("/bazi");
    await expect(page.getByText(chosen)).toBeVisible();
    await visitor.open("/bazi/new");
    await expect(place).toHaveValue(chosen);
    await place.fill("Nowhereville");
    await expect(page.getByText(t("form.placeNone"))).toBeVisible();
    await place.press("Tab");
    await expect(place).toHaveValue("Nowhereville");
    await page.getByRole("button", { name: visitor.submitReadingLabel() }).click();
    await expect(page.getByText(t("problems.place_required"))).toBeVisible();
  });

  test(`a private link shows a reading without an account until it is revoked (${locale})`, async ({
    page,
    browser,
  }) => {
    const visitor = new Visitor(page, locale);
    const t = visitor.words("bazi");
    await visitor.signUp();
    await visitor.expectBalance(120);
    await visitor.open("/bazi/new");
    await visitor.fillReading();
    await page.getByRole("button", { name: visitor.submitReadingLabel() }).click();
    await page.getByRole("button", { name: t("reading.share"), exact: true }).click();
    const link = await page.getByLabel(t("reading.shareLink")).inputValue();

    const guest = await browser.newPage({ viewport: { width: 390, height: 844 } });
    await guest.goto(link);
    await expect(guest.getByText(t("reading.sharedBy"))).toBeVisible();
    await expect(guest.locator('meta[name="robots"]')).toHaveAttribute("content", /noindex/);
    await expectFoldedOnPhone(guest);

    await page.getByRole("button", { name: t("reading.shareStop") }).click();
    await expect(page.getByText(t("reading.shareStopped"))).toBeVisible();
    expect((await guest.goto(link))?.status()).toBe(404);
    await guest.close();
  });

  test(`the landing page leads to a sample reading that is open on a wide screen and in print (${locale})`, async ({
    page,
  }) => {
    const visitor = new Visitor(page, locale);
    await visitor.open("/");
    await page.getByRole("link", { name: visitor.words("landing")("chart.full") }).click();
    await expect(
      page.getByRole("heading", { level: 1, name: visitor.words("bazi")("sample.title") }),
    ).toBeVisible();
    await expect(page.locator("details:not([open])")).toHaveCount(0);
    await page.setViewportSize({ width: 390, height: 844 });
    await page.reload();
    await expect(page.locator("details#luck")).not.toHaveAttribute("open");
    await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
    await expect(page.locator("details:not([open])")).toHaveCount(0);
  });

  test(`submitting an empty form focuses its first invalid field (${locale})`, async ({ page }) => {
    const visitor = new Visitor(page, locale);
    const t = visitor.words("bazi");
    await visitor.signUp();
    await visitor.expectBalance(120);
    await visitor.open("/bazi/new");
    const submit = page.getByRole("button", { name: visitor.submitReadingLabel() });
    await submit.click();
    await expect(page.getByLabel(t("form.name"), { exact: true })).toBeFocused();
    await page.getByLabel(t("form.name"), { exact: true }).fill("林月");
    await submit.click();
    await expect(page.getByRole("radio", { name: t("birth.female") })).toBeFocused();
  });

  test(`too many attempts show the waiting time in minutes (${locale})`, async ({ page }) => {
    const visitor = new Visitor(page, locale);
    await visitor.signUp();
    await visitor.expectBalance(120);
    for (let attempt = 0; attempt < 30; attempt += 1) {
      expect(await visitor.submitReading({})).toContain('"status":"invalid"');
    }
    const refused = await visitor.submitReading({});
    expect(refused).toContain('"code":"rate_limited"');
    expect(refused).toMatch(/"retryAfterSeconds":[1-9]/);
    await visitor.open("/bazi/new");
    await visitor.fillReading();
    await page.getByRole("button", { name: visitor.submitReadingLabel() }).click();
    const message = visitor.words("errors")("rate_limited", { minutes: 10 });
    await expect(page.getByText(message)).toBeVisible();
    await expect(page.getByLabel(visitor.words("bazi")("form.year"))).toHaveValue("1990");
  });
}

/** Only the first section is open, and a link of the table of contents opens its section. */
async function expectFoldedOnPhone(page: Page): Promise<void> {
  const years = page.locator("details#years");
  await expect(page.locator("details[open]")).toHaveCount(1);
  await page.locator('nav a[href="#years"]').click();
  await expect(years).toHaveAttribute("open");
  await expect(years).toBeInViewport();
}
