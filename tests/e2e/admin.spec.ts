import { type Browser, expect, type Page, test } from "@playwright/test";
import { and, eq, like, sql } from "drizzle-orm";
import { outbox, user } from "@/db/schema";
import { openOperatorDatabase } from "../../dev/operator/operator-database";
import { findRunningApp } from "../setup/running-app";
import { LOCALES, type Locale, Visitor } from "./visitor";

for (const locale of LOCALES) {
  test(`an admin looks after a customer (${locale})`, async ({ browser, page }) => {
    test.setTimeout(300_000);
    const customer = await buyPack(browser, locale);
    const userId = await test.step("a request delivers its emails at once", () =>
      expectEmailsAtOnce(customer.email));

    const { admin } = await findRunningApp();
    const operator = new Visitor(page, locale);
    await operator.signIn(admin.email, admin.password);
    await expect(page).toHaveURL(/dashboard/);
    await test.step("finds the customer and the payment from any page", () =>
      searchConsole(operator, { email: customer.email, userId }));
    await test.step("reads the ledger, with UTC on hover, and the stored events", async () => {
      await operator.open(`/admin/users/${userId}`);
      const types = operator.words("credits");
      await expect(page.getByText(types("types.PURCHASE_PACKAGE.label")).first()).toBeVisible();
      await expect(page.locator("#ledger time").first()).toHaveAttribute("title", /UTC/);
      await operator.open("/admin/events");
      await expect(page.getByText("checkout.session.completed").first()).toBeVisible();
    });
    await test.step("sees the effect of an adjustment before confirming it", () =>
      adjust(operator, userId));
    await test.step("grants credits in bulk, once", () => grantInBulk(operator, customer.email));
    await test.step("views the customer's pages and can do nothing there", () =>
      viewAsCustomer(operator, { email: customer.email, userId }));
    await test.step("lists the runs that did something, and all of them on request", async () => {
      const t = operator.words("admin");
      await operator.open("/admin/runs");
      await expect(page.getByRole("combobox", { name: t("runs.status") })).toContainText(
        t("runs.withEffect"),
      );
      await operator.choose(t("runs.status"), t("runs.anyStatus"));
      await page.getByRole("button", { name: t("filter.apply") }).click();
      await expect(page).toHaveURL(/status=all/);
    });
    await test.step("reads tables as cards on a phone", async () => {
      await page.setViewportSize({ width: 390, height: 844 });
      await operator.open(`/admin/users?q=${encodeURIComponent(customer.email)}`);
      await expect(page.getByRole("row").filter({ hasText: customer.email })).toBeVisible();
      const header = operator.words("admin")("users.plan");
      await expect(page.getByRole("columnheader", { name: header })).toHaveCount(1);
      expect(await sidewaysTables(page)).toEqual([]);
    });
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

async function buyPack(browser: Browser, locale: Locale): Promise<Visitor> {
  const customer = new Visitor(await (await browser.newContext()).newPage(), locale);
  await customer.signUp();
  await customer.expectBalance(120);
  await customer.buyPack("basic");
  await customer.pay();
  await customer.expectPurchase(220);
  return customer;
}

/**
 * The welcome and the receipt are delivered right after the requests that wrote them. The tick, which
 * runs every ten seconds, would rarely be this early for both. Returns the customer's id.
 */
async function expectEmailsAtOnce(email: string): Promise<string> {
  const { db, close } = await openOperatorDatabase();
  try {
    const [found] = await db.select({ id: user.id }).from(user).where(eq(user.email, email));
    const userId = found?.id ?? "";
    const read = () =>
      db
        .select({
          status: outbox.status,
          isEarly: sql<boolean>`${outbox.doneAt} - ${outbox.createdAt} < interval '5 seconds'`,
        })
        .from(outbox)
        .where(and(eq(outbox.userId, userId), like(outbox.idempotencyKey, "email:%")));
    await expect.poll(async () => (await read()).length).toBeGreaterThanOrEqual(2);
    await expect
      .poll(async () => (await read()).every(({ status, isEarly }) => status === "done" && isEarly))
      .toBe(true);
    return userId;
  } finally {
    await close();
  }
}

async function searchConsole(
  operator: Visitor,
  { email, userId }: { email: string; userId: string },
): Promise<void> {
  const { page } = operator;
  const t = operator.words("admin");
  const search = async (term: string) => {
    await page.getByRole("searchbox", { name: t("search.label") }).fill(term);
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(new RegExp(`search\\?q=${encodeURIComponent(term)}$`));
  };
  await operator.open("/admin/health");
  await search(userId);
  await expect(page.getByRole("link", { name: email })).toBeVisible();
  await search(email);
  await page.getByRole("link", { name: email }).click();
  await expect(page).toHaveURL(new RegExp(`/admin/users/${userId}$`));
  const source = await page
    .getByText(/^checkout:cs_/)
    .first()
    .innerText();
  await search(source.replace("checkout:", ""));
  await expect(page.getByText(source).first()).toBeVisible();
  await search("cs_unknown");
  await expect(page.getByText(t("search.empty"))).toBeVisible();
}

async function adjust(operator: Visitor, userId: string): Promise<void> {
  const { page } = operator;
  const t = operator.words("admin");
  await operator.open(`/admin/users/${userId}`);
  await page.getByLabel(t("adjust.amount"), { exact: false }).first().fill("-30");
  await page.getByLabel(t("adjust.reason"), { exact: false }).first().fill("a mistake of ours");
  await page.getByRole("button", { name: t("adjust.check") }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(/220.*190.*−30/s);
  await dialog.getByRole("button", { name: operator.words("common")("actions.cancel") }).click();
  await expect(dialog).toHaveCount(0);
}

async function grantInBulk(operator: Visitor, email: string): Promise<void> {
  const { page } = operator;
  const t = operator.words("admin");
  await operator.open("/admin/grants");
  await page.getByLabel(t("grants.name")).fill(`outage ${email}`);
  const lines = page.getByRole("textbox", { name: t("grants.lines") });
  const check = page.getByRole("button", { name: t("grants.check"), exact: true });
  await lines.fill(`${email},50,2099-12-31,outage\nnobody@people.example,x,,outage`);
  await check.click();
  const problem = t("grants.invalidLine", { line: 2, problem: t("grants.problems.amount") });
  await expect(page.getByText(problem)).toBeVisible();
  await expect(page.getByRole("button", { name: t("grants.apply") })).toHaveCount(0);
  await lines.fill(`${email},50,2099-12-31,outage`);
  await check.click();
  const row = page.getByRole("row").filter({ hasText: email });
  await expect(row).toContainText(/220.*270/s);
  await page.getByRole("button", { name: t("grants.apply") }).click();
  await page
    .getByRole("alertdialog")
    .getByRole("button", { name: t("grants.apply") })
    .click();
  await expect(row).toContainText(t("grants.states.granted"));
  await check.click();
  await expect(row).toContainText(t("grants.states.replayed"));
}

async function viewAsCustomer(
  operator: Visitor,
  { email, userId }: { email: string; userId: string },
): Promise<void> {
  const { page } = operator;
  const t = operator.words("admin");
  await operator.open(`/admin/users/${userId}`);
  await page.getByRole("button", { name: t("view.start") }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(t("reason.label")).fill("a question about the ledger");
  await dialog.getByRole("button", { name: t("view.start") }).click();
  await expect(page).toHaveURL(/\/view\?view=/);
  const banner = page.getByRole("status").filter({ hasText: email });
  await expect(banner).toBeVisible();
  const nav = operator.words("common");
  await page
    .getByRole("link", { name: nav("nav.credits") })
    .last()
    .click();
  await expect(page).toHaveURL(/page=credits/);
  const frame = page.locator("[inert]");
  await expect(frame).toContainText(operator.words("credits")("types.PURCHASE_PACKAGE.label"));
  // Inert content has no role, so nothing in it can be pressed.
  await expect(frame.getByRole("button")).toHaveCount(0);
  // The admin's own balance stays in the header.
  await expect(page.getByLabel(nav("balance.label")).first()).not.toContainText("270");
  await banner.getByRole("button", { name: t("view.end") }).click();
  await expect(page).toHaveURL(new RegExp(`/admin/users/${userId}$`));
  await operator.open(`/admin/users/${userId}/view?view=${userId}`);
  await expect(page.getByText(t("view.ended"))).toBeVisible();
  await operator.open(`/admin/audit?q=${userId}`);
  await expect(page.getByText("a question about the ledger").first()).toBeVisible();
}

/** The labels of the tables that scroll sideways. */
function sidewaysTables(page: Page): Promise<(string | null)[]> {
  return page
    .locator("section:has(> table)")
    .evaluateAll((sections) =>
      sections
        .filter((section) => section.scrollWidth > section.clientWidth + 1)
        .map((section) => section.getAttribute("aria-label")),
    );
}
