import { expect, type Page, test } from "@playwright/test";
import { runningLaptop } from "../setup/running-laptop";
import { Visitor } from "./visitor";

test("a month later Pro monthly has renewed, Pro yearly and Lifetime have their next month", async ({
  browser,
  request,
}) => {
  const { appUrl, cronSecret, simulatorUrl } = await runningLaptop();
  const members: Visitor[] = [];
  for (const plan of ["pro-monthly", "pro-yearly", "lifetime"] as const) {
    const context = await browser.newContext();
    const member = new Visitor(await context.newPage(), "en");
    await member.signUp();
    await member.expectBalance(120);
    await member.open("/pricing");
    await choosePlan(member, plan);
    await member.pay();
    await member.expectPurchase(1120);
    members.push(member);
  }

  const control = await browser.newPage();
  await control.goto(simulatorUrl);
  const daysPassed = await advanceMonth(control);
  const headers = { authorization: `Bearer ${cronSecret}` };
  const run = await request.get(`${appUrl}/api/distribute-credits`, { headers });
  expect(run.status()).toBe(200);
  expect(await run.json()).toMatchObject({ errorCount: 0, done: true });

  // Two months' 1000 (the first has its 48 hours of grace), the free 50 likewise; a paid member's
  // next free month passes; the gift lasts 30 days.
  const gift = daysPassed < 30 ? 70 : 0;
  for (const member of members) {
    await member.open("/dashboard");
    await member.expectBalance(2050 + gift);
  }
});

async function choosePlan(
  member: Visitor,
  plan: "pro-monthly" | "pro-yearly" | "lifetime",
): Promise<void> {
  const t = member.words("pricing");
  if (plan !== "lifetime") {
    const interval = plan === "pro-monthly" ? t("interval.month") : t("interval.year");
    await member.page.getByText(interval).first().click();
  }
  const name = plan === "lifetime" ? t("buy.lifetime") : t("buy.pro");
  await member.page.getByRole("button", { name }).click();
}

/** Moves Stripe's clock, and the site's with it, by a calendar month; answers how many days that was. */
async function advanceMonth(control: Page): Promise<number> {
  const readClock = async () =>
    new Date((await control.locator("time").first().getAttribute("datetime")) ?? "");
  const before = await readClock();
  // Stripe charges a renewal about an hour after the period has turned.
  for (const step of ["advance-month", "advance-hour"]) {
    await control.getByTestId(step).click({ timeout: 90_000 });
    await control.waitForLoadState();
  }
  return Math.round(((await readClock()).getTime() - before.getTime()) / 86_400_000);
}
