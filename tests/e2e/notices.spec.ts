import { type APIRequestContext, expect, test } from "@playwright/test";
import { itemName } from "@/catalog/items";
import { FORMAT_LOCALES } from "@/lib/formats";
import { findRunningApp } from "../setup/running-app";
import { LOCALES, Visitor } from "./visitor";

const bellOf = (visitor: Visitor, unread: number) =>
  visitor.page.getByRole("button", {
    name: visitor.words("notifications")("bell.label", { unread }),
    exact: true,
  });

const lineOf = (visitor: Visitor, kind: string, credits: number) => {
  const amount = visitor.words("common")("credits", { amount: credits, amountText: `${credits}` });
  const title = visitor.words("notifications")(`kinds.${kind}.title`, { credits: amount });
  return visitor.page.getByRole("dialog").getByRole("link").filter({ hasText: title });
};

for (const locale of LOCALES) {
  test(`a purchase and expiring credits notify by bell and email, and the email unsubscribes (${locale})`, async ({
    page,
    browser,
    request,
  }) => {
    const visitor = new Visitor(page, locale);
    const t = visitor.words("notifications");
    await visitor.signUp();
    await visitor.expectBalance(120);
    await expect(bellOf(visitor, 0)).toBeVisible();

    await visitor.buyPack("basic");
    await visitor.pay();
    await visitor.expectPurchase(220);
    await bellOf(visitor, 1).press("Enter");
    await expect(lineOf(visitor, "purchase-received", 100)).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(bellOf(visitor, 0)).toBeFocused();

    // The gift expires after 30 days, the free month later, the pack after a year.
    await passDays(request, 24);
    await visitor.open("/dashboard");
    await bellOf(visitor, 1).click();
    await expect(lineOf(visitor, "credits-expiring", 70)).toBeVisible();
    await visitor.open("/dashboard");
    await expect(bellOf(visitor, 0)).toBeVisible();

    const stranger = new Visitor(await (await browser.newContext()).newPage(), locale);
    await stranger.open("/dev/mail");
    const subject = visitor.words("emails")("creditsExpiring.subject", {
      credits: visitor.words("emails")("credits", { amount: 70, amountText: "70" }),
    });
    const mail = stranger.page.getByRole("link").filter({ hasText: visitor.email });
    await expect(mail.filter({ hasText: subject })).toHaveCount(1);
    await mail.filter({ hasText: subject }).click();
    const turnOff = stranger.page
      .frameLocator("iframe")
      .getByRole("link", { name: visitor.words("emails")("unsubscribe") });
    await stranger.page.goto((await turnOff.getAttribute("href")) ?? "");
    const about = t("unsubscribe.about.credits-expiring");
    await expect(stranger.page.getByText(t("unsubscribe.on", { about }))).toBeVisible();
    await stranger.page.getByRole("button", { name: t("unsubscribe.turnOff") }).click();
    await expect(stranger.page.getByText(t("unsubscribe.off", { about }))).toBeVisible();

    await visitor.open("/settings");
    const expiring = page.getByRole("group", { name: t("settings.expiring.title") });
    await expect(expiring.getByRole("switch", { name: t("settings.byEmail") })).not.toBeChecked();
    const inApp = expiring.getByRole("switch", { name: t("settings.inApp") });
    await expect(inApp).toBeChecked();
    const saved = page.waitForResponse((response) => response.request().method() === "POST");
    await inApp.click();
    await saved;
    await page.reload();
    await expect(inApp).not.toBeChecked();
  });
}

for (const locale of LOCALES) {
  test(`a refund is reported, and its debt is shown until a pack settles it (${locale})`, async ({
    page,
    request,
  }) => {
    const visitor = new Visitor(page, locale);
    const credits = visitor.words("credits");
    await visitor.signUp();
    await visitor.expectBalance(120);
    await visitor.buyPack("basic");
    await visitor.pay();
    await visitor.expectPurchase(220);
    await visitor.createReadings(22);
    await refundLastPayment(request);

    await visitor.open("/dashboard");
    const debt = visitor.words("common")("credits", { amount: 100, amountText: "100" });
    // The balance may say the same.
    const notice = page
      .getByText(credits("debt.title", { credits: debt }), { exact: true })
      .first();
    await expect(notice).toBeVisible({ timeout: 60_000 });
    await visitor.expectBalance(0);
    const owed = visitor.words("common")("balance.owed", { amount: "100" });
    await expect(page.getByRole("banner").getByText(owed)).toBeVisible();
    await page
      .getByRole("banner")
      .getByRole("button", { name: visitor.words("notifications")("bell.title") })
      .click();
    const amount = new Intl.NumberFormat(FORMAT_LOCALES[locale], {
      style: "currency",
      currency: "USD",
    }).format(9.9);
    const title = visitor.words("notifications")("kinds.billing-change.refunded.title", { amount });
    await expect(
      page.getByRole("dialog").getByRole("link").filter({ hasText: title }),
    ).toBeVisible();
    await page.keyboard.press("Escape");

    // Paid with a bank debit, the pack is pending before it settles the debt.
    await visitor.open("/pricing");
    const note = visitor.words("pricing")("packs.debt", { taken: "100", left: "0" });
    await expect(page.getByText(note)).toBeVisible();
    await visitor.buyPack("basic");
    await page.getByTestId("pay-later").check();
    await page.getByTestId("pay").click();
    await expect(page).toHaveURL(/billing\/success/);
    const id = new URL(page.url()).searchParams.get("session_id") ?? "";
    await visitor.open("/billing");
    const payments = page.getByRole("region", {
      name: visitor.words("billing")("payments.caption"),
    });
    const pending = payments.getByText(visitor.words("billing")("payments.status.pending"), {
      exact: true,
    });
    await expect(pending).toBeVisible();
    const { simulatorUrl } = await findRunningApp();
    expect((await request.post(simulatorUrl, { form: { action: "settle", id } })).ok()).toBe(true);
    await visitor.open(`/billing/success?session_id=${id}`);
    const settled = visitor.words("billing")("success.settled", { credits: debt });
    await expect(page.getByText(settled)).toBeVisible();
    await expect(page.getByRole("banner").getByText(owed)).toHaveCount(0);
    await visitor.open("/billing");
    await expect(pending).toHaveCount(0);

    // Each pack is one row with its invoice, which is found by its number.
    const packs = payments.getByRole("row").filter({ hasText: itemName("pack-basic", locale) });
    await expect(packs).toHaveCount(2);
    const number = (
      await packs
        .first()
        .getByText(/^[A-Z0-9]+-\d{4}$/)
        .innerText()
    ).trim();
    const search = page.getByRole("search", {
      name: visitor.words("billing")("payments.filter.label"),
    });
    await search.getByRole("searchbox").fill(number);
    await search.getByRole("searchbox").press("Enter");
    await expect(packs).toHaveCount(1);
    const pdf = packs.getByRole("link", { name: /PDF/ });
    const invoice = await request.get((await pdf.getAttribute("href")) ?? "");
    expect(await invoice.text()).toContain(number);
  });
}

test("a forged unsubscribe link is rejected", async ({ page, request }) => {
  const visitor = new Visitor(page, "en");
  await visitor.open("/unsubscribe?token=WyJtZSIsImxvdy1iYWxhbmNlIl0.forged");
  const t = visitor.words("notifications");
  await expect(page.getByText(t("unsubscribe.invalid"))).toBeVisible();
  await expect(page.getByRole("button", { name: t("unsubscribe.turnOff") })).toHaveCount(0);
  const response = await request.post("/api/notifications/unsubscribe?token=forged", {
    form: { "List-Unsubscribe": "One-Click" },
  });
  expect(response.status()).toBe(400);
});

/** Advances the clocks of the simulator and the site, then runs the tick as the scheduler does. */
async function passDays(request: APIRequestContext, days: number): Promise<void> {
  const { appUrl, simulatorUrl, cronSecret } = await findRunningApp();
  for (let day = 0; day < days; day += 1) {
    const form = { action: "advance", stride: "day" };
    expect((await request.post(simulatorUrl, { form })).ok()).toBe(true);
  }
  const headers = { authorization: `Bearer ${cronSecret}` };
  expect((await request.get(`${appUrl}/api/jobs/tick`, { headers })).status()).toBe(200);
}

/** Refunds the newest charge at Stripe in full. */
async function refundLastPayment(request: APIRequestContext): Promise<void> {
  const { simulatorUrl } = await findRunningApp();
  const [, id = ""] =
    /data-testid="refund-(\w+)"/.exec(await (await request.get(simulatorUrl)).text()) ?? [];
  const form = { action: "refund", id, amount: "990" };
  expect((await request.post(simulatorUrl, { form })).ok()).toBe(true);
}
