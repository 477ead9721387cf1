import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { itemName } from "@/catalog/items";
import { Visitor } from "../../tests/e2e/visitor";
import { findRunningApp } from "../../tests/setup/running-app";

test("a member buys Pro, upgrades to the added plan, downgrades, renews and gets a refund", async ({
  context,
  page,
}) => {
  const member = new Visitor(page, "en");
  await member.signUp();
  await member.expectBalance(120);
  await member.open("/pricing");
  await expect(member.buyButton("max")).toBeVisible();
  await member.buyPlan("pro");
  await member.pay();
  await member.expectPurchase(1120);
  await expectPlan(member, { item: "pro-monthly", creditsPerMonth: "1,000" });

  // Almost the whole month remains, so the upgrade grants the whole difference.
  await switchInPortal(member, "max-monthly");
  await expectPlan(member, { item: "max-monthly", creditsPerMonth: "3,000" });
  await member.expectBalance(3120);

  await switchInPortal(member, "pro-monthly");
  await expectPlan(member, { item: "max-monthly", creditsPerMonth: "3,000" });
  await member.expectBalance(3120);

  const { control, days } = await advanceMonth(context);
  await expectPlan(member, { item: "pro-monthly", creditsPerMonth: "1,000" });
  // The first month's credits are within their grace. The sign-up gift lasts 30 days.
  const gift = days < 30 ? 70 : 0;
  await member.expectBalance(4050 + gift);

  await control.reload();
  await control.locator("[data-testid^=refund-]").first().click();
  await expectPlan(member, { item: "free", creditsPerMonth: "50" });
  await member.expectBalance(3050 + gift);
});

test("the added plan is on the Chinese price table", async ({ page }) => {
  const visitor = new Visitor(page, "zh-CN");
  await visitor.open("/pricing");
  await expect(visitor.buyButton("max")).toBeVisible();
  await expect(page.getByRole("heading", { name: itemName("max", "zh-CN") })).toBeVisible();
});

/** Opens the billing page until its plan card shows the plan, because events may be a moment late. */
async function expectPlan(
  member: Visitor,
  { item, creditsPerMonth }: { item: string; creditsPerMonth: string },
): Promise<void> {
  const { page } = member;
  await expect(async () => {
    await member.open("/billing");
    const main = page.getByRole("main");
    await expect(main.getByText(itemName(item, "en"), { exact: true }).first()).toBeVisible({
      timeout: 2_000,
    });
    const brings = member.words("billing")("plan.brings", {
      credits: `${creditsPerMonth} credits`,
    });
    await expect(main.getByText(brings)).toBeVisible({ timeout: 2_000 });
  }).toPass();
}

async function switchInPortal(member: Visitor, item: string): Promise<void> {
  const { page } = member;
  await member.open("/billing");
  await page
    .getByRole("button", { name: member.words("billing")("manage") })
    .first()
    .click();
  await page.getByTestId(`switch-price_${item.replace("-", "_")}`).click();
  await page.getByTestId("back").click();
  await expect(page).toHaveURL(/\/billing/);
}

/** Advances Stripe's and the site's clock to after the renewal. Returns the number of days. */
async function advanceMonth(context: BrowserContext): Promise<{ control: Page; days: number }> {
  const { simulatorUrl } = await findRunningApp();
  const control = await context.newPage();
  await control.goto(simulatorUrl);
  const now = async () =>
    Date.parse((await control.getByTestId("now").getAttribute("datetime")) ?? "");
  const before = await now();
  for (const stride of ["month", "hour"]) {
    await control.getByTestId(`advance-${stride}`).click({ timeout: 90_000 });
    await control.waitForLoadState();
  }
  return { control, days: Math.round(((await now()) - before) / 86_400_000) };
}
