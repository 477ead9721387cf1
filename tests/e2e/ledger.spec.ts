import { readFile } from "node:fs/promises";
import { expect, test } from "@playwright/test";
import { LOCALES, Visitor } from "./visitor";

for (const locale of LOCALES) {
  test(`the ledger keeps its filter in the URL and in the CSV export (${locale})`, async ({
    page,
  }) => {
    const visitor = new Visitor(page, locale);
    const t = visitor.words("credits");
    await visitor.signUp();
    await visitor.expectBalance(120);
    expect((await page.request.post("/api/credits/daily-signin")).status()).toBe(201);

    await visitor.open("/credits");
    const ledger = page.getByRole("region", { name: t("ledger.caption") });
    await expect(ledger.getByRole("row")).toHaveCount(4);

    await visitor.choose(t("filter.type"), t("types.DAILY_SIGNIN.label"));
    await page.getByRole("button", { name: t("filter.apply") }).click();
    await expect(page).toHaveURL(/type=DAILY_SIGNIN/);
    await expect(ledger.getByRole("row")).toHaveCount(2);
    await page.reload();
    await expect(ledger.getByText(t("types.DAILY_SIGNIN.label"))).toBeVisible();

    const [file] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("link", { name: t("export.link") }).click(),
    ]);
    const csv = await readFile(await file.path(), "utf8");
    const [header, row, ...rest] = csv.trimEnd().split("\r\n");
    expect(header).toContain(t("export.booked"));
    expect(header?.charCodeAt(0)).toBe(0xfeff);
    expect(row).toContain(`,${t("types.DAILY_SIGNIN.label")},5,125,signin:`);
    expect(rest).toEqual([]);

    await page.getByRole("link", { name: t("filter.clear") }).click();
    await expect(ledger.getByRole("row")).toHaveCount(4);
    await page.getByLabel(t("filter.search")).fill("signup");
    await page.getByRole("button", { name: t("filter.apply") }).click();
    await expect(page).toHaveURL(/q=signup/);
    await expect(ledger.getByText(t("types.REGISTER_GIFT.label"))).toBeVisible();
    await expect(ledger.getByText(t("types.DAILY_SIGNIN.label"))).toHaveCount(0);

    await page.getByLabel(t("filter.search")).fill("nowhere");
    await page.getByRole("button", { name: t("filter.apply") }).click();
    await expect(page.getByText(t("ledger.emptyFilter"))).toBeVisible();
  });

  test(`the usage is shown as a chart and as a table (${locale})`, async ({ page }) => {
    const visitor = new Visitor(page, locale);
    const t = visitor.words("credits");
    await visitor.signUp();
    await visitor.expectBalance(120);
    await visitor.open("/credits");
    await expect(page.locator(".recharts-bar-rectangle path").first()).toBeVisible();
    await page.getByText(t("usage.table")).click();
    const table = page.getByRole("region", { name: t("usage.caption") });
    await expect(table.getByText(t("types.REGISTER_GIFT.label"))).toBeVisible();
    await expect(table.getByRole("row").filter({ hasText: "70" })).toHaveCount(1);
  });
}

test("the CSV export requires sign-in", async ({ request }) => {
  expect((await request.get("/api/credits/export")).status()).toBe(401);
});

test("the ledger pages back to newer entries", async ({ page }) => {
  const visitor = new Visitor(page, "en");
  const t = visitor.words("common");
  await visitor.signUp();
  await visitor.expectBalance(120);
  await visitor.open("/credits?before=2");
  const ledger = page.getByRole("region", { name: visitor.words("credits")("ledger.caption") });
  await expect(ledger.getByRole("row")).toHaveCount(2);
  await page.getByRole("link", { name: t("pagination.newer") }).click();
  await expect(page).toHaveURL(/after=1/);
  await expect(
    ledger.getByText(visitor.words("credits")("types.MONTHLY_REFRESH.label")),
  ).toBeVisible();
});
