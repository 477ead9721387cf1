import { type Browser, type Cookie, expect, test } from "@playwright/test";
import { eq, sql } from "drizzle-orm";
import { itemName } from "@/catalog/items";
import { withdrawal } from "@/db/schema";
import { formatMoney } from "@/lib/formats";
import { openOperatorDatabase } from "../../dev/operator/operator-database";
import { findRunningApp } from "../setup/running-app";
import { LOCALES, Visitor } from "./visitor";

/** Each journey opens the pages of a member, a visitor and an admin. */
test.setTimeout(240_000);

let adminCookies: Cookie[];

test.beforeAll(async ({ browser }) => {
  // Sign in once, because sign-ins are rate limited.
  const context = await browser.newContext();
  const admin = new Visitor(await context.newPage(), "en");
  const app = await findRunningApp();
  await admin.signIn(app.admin.email, app.admin.password);
  await expect(admin.page).toHaveURL(/dashboard/);
  adminCookies = await context.cookies();
  await context.close();
});

for (const locale of LOCALES) {
  test(`a member withdraws from a purchase, gets a receipt and is refunded by an admin (${locale})`, async ({
    page,
    browser,
  }) => {
    const member = new Visitor(page, locale);
    const [t, common] = [member.words("withdrawal"), member.words("common")];
    const amount = formatMoney(990, "usd", locale);
    await member.signUp();
    await member.expectBalance(120);
    await member.buyPack("basic");
    await member.pay();
    await member.expectPurchase(220);

    await member.open("/billing");
    await page
      .getByRole("main")
      .getByRole("link", { name: t("card.link") })
      .click();
    await page.getByRole("button", { name: t("choose.continue") }).click();
    await expect(page.getByText(t("choose.missing"))).toBeVisible();
    await page.getByRole("radio", { name: itemName("pack-basic", locale) }).check();
    await page.getByRole("button", { name: t("choose.continue") }).click();
    await expect(page.getByText(t("step", { step: 2 }))).toBeFocused();
    await expect(page.getByText(t("effects.refund", { amount, days: 14 }))).toBeVisible();
    await page.getByRole("button", { name: t("confirm.submit") }).click();
    await expect(page.getByText(t("done.title"))).toBeFocused();
    await expectReceipt(browser, member);
    // The purchase is no longer offered.
    await member.open("/billing/withdraw");
    await expect(page.getByText(t("choose.none"))).toBeVisible();

    const admin = await openConsole(browser, member);
    const words = admin.words("admin");
    await admin.open(`/admin/withdrawals?q=${member.email}`);
    const refund = words("withdrawals.refundButton", { amount });
    await admin.page.getByRole("button", { name: refund }).click();
    await admin.page.getByRole("alertdialog").getByRole("button", { name: refund }).click();
    await expect(admin.page.getByText(words("withdrawals.empty"))).toBeVisible();
    await admin.page.context().close();

    const refunded = member.words("billing")("payments.status.refunded");
    await expect(async () => {
      await member.open("/billing");
      const rows = page.locator("#payments tbody tr");
      await expect(rows.filter({ hasText: refunded })).toHaveCount(1, { timeout: 5_000 });
    }).toPass();
    await member.expectBalance(120);
    await expect(page.getByRole("contentinfo").getByText(common("footer.withdraw"))).toBeVisible();
  });

  test(`a visitor withdraws in words, and the console reports the statement once it is overdue (${locale})`, async ({
    page,
    browser,
  }) => {
    const visitor = new Visitor(page, locale);
    const t = visitor.words("withdrawal");
    await visitor.open("/refunds");
    const footer = page.getByRole("contentinfo");
    await footer.getByRole("link", { name: visitor.words("common")("footer.withdraw") }).click();
    const field = (name: string) => page.getByLabel(t(`form.${name}`), { exact: false });
    await field("name").fill("林月");
    await field("purchase").fill("see https://evil.example");
    await field("email").fill(visitor.email);
    await page.getByRole("button", { name: t("form.continue") }).click();
    await expect(page.getByText(t("form.problems.link"))).toBeVisible();
    await field("purchase").fill("Basic pack, last week");
    await page.getByRole("button", { name: t("form.continue") }).click();
    await page.getByRole("button", { name: t("confirm.back") }).click();
    await expect(field("purchase")).toHaveValue("Basic pack, last week");
    await page.getByRole("button", { name: t("form.continue") }).click();
    await page.getByRole("button", { name: t("confirm.submit") }).click();
    await expect(page.getByText(t("done.email", { email: visitor.email }))).toBeVisible();
    await expectReceipt(browser, visitor);

    await ageStatement(visitor.email);
    const admin = await openConsole(browser, visitor);
    const words = admin.words("admin");
    await admin.open("/admin");
    const line = admin.page.getByRole("main").getByRole("status");
    await line.getByRole("link", { name: words("health.view") }).click();
    await expect(
      admin.page
        .getByRole("listitem")
        .filter({ hasText: words("health.problems.withdrawals_overdue") }),
    ).toBeVisible();
    const check = admin.page.getByRole("row", { name: words("health.checks.withdrawals") });
    await expect(check).toContainText(words("health.bad"));
    await check.getByRole("link").click();
    await expect(admin.page.getByText(words("withdrawals.overdue")).first()).toBeVisible();
    await admin.open(`/admin/withdrawals?q=${visitor.email}`);
    await expect(admin.page.getByText(words("withdrawals.noMatch"))).toBeVisible();
    await admin.page.getByRole("button", { name: words("withdrawals.close"), exact: true }).click();
    const dialog = admin.page.getByRole("dialog");
    await dialog.getByLabel(words("reason.label")).fill("no such purchase");
    await dialog.locator('button[type="submit"]').click();
    await expect(admin.page.getByText(words("withdrawals.empty"))).toBeVisible();
    await admin.open("/admin/health");
    await expect(check).toContainText(words("health.good"));
    await admin.page.context().close();
  });
}

/** The mail preview shows one receipt to the address. */
async function expectReceipt(browser: Browser, recipient: Visitor): Promise<void> {
  const page = await browser.newPage();
  const subject = recipient.words("emails")("withdrawalReceived.subject");
  const receipt = page.getByRole("link").filter({ hasText: recipient.email });
  await expect(async () => {
    await page.goto(recipient.path("/dev/mail"));
    await expect(receipt.filter({ hasText: subject })).toHaveCount(1, { timeout: 5_000 });
  }).toPass();
  await page.close();
}

/** The console in the visitor's language. */
async function openConsole(browser: Browser, { locale }: Visitor): Promise<Visitor> {
  const context = await browser.newContext();
  await context.addCookies(adminCookies);
  return new Visitor(await context.newPage(), locale);
}

/** Makes the statement look as if it had arrived 15 days ago. */
async function ageStatement(email: string): Promise<void> {
  const { db, close } = await openOperatorDatabase();
  await db
    .update(withdrawal)
    .set({ submittedAt: sql`${withdrawal.submittedAt} - interval '15 days'` })
    .where(eq(withdrawal.email, email));
  await close();
}
