import { expect, type Page, test } from "@playwright/test";
import { millisecondsInDay } from "date-fns/constants";
import { findRunningApp } from "../setup/running-app";
import { Visitor } from "./visitor";

test("Pro monthly renews after a month, and Pro yearly and Lifetime get their next allotment", async ({
  browser,
  request,
}) => {
  const { appUrl, cronSecret, simulatorUrl } = await findRunningApp();
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

  // Two allotments of 1000, the first within its 48 hours of grace, and the free 50 of the first
  // month, also within its grace. A paid member gets no second free month. The gift lasts 30 days.
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
  await member.buyPlan(plan === "lifetime" ? "lifetime" : "pro");
}

/** Advances the clocks of Stripe and the site by a calendar month. Returns the number of days. */
async function advanceMonth(control: Page): Promise<number> {
  const readClock = async () =>
    new Date((await control.locator("time").first().getAttribute("datetime")) ?? "");
  const before = await readClock();
  // Stripe charges a renewal about an hour after the new period starts.
  for (const step of ["advance-month", "advance-hour"]) {
    await control.getByTestId(step).click({ timeout: 90_000 });
    await control.waitForLoadState();
  }
  return Math.round(((await readClock()).getTime() - before.getTime()) / millisecondsInDay);
}
