import { expect, type Page, test } from "@playwright/test";
import { itemName } from "@/catalog/items";
import { LOCALES, Visitor } from "./visitor";

for (const locale of LOCALES) {
  test.describe(`a page that another person has signed in since (${locale})`, () => {
    test("refuses a reading, keeps what was typed and charges nobody", async ({ page }) => {
      const first = new Visitor(page, locale);
      await first.signUp();
      await first.expectBalance(120);
      await first.open("/bazi/new");
      await first.fillReading();

      const second = await signUpInAnotherTab(first);
      await page.bringToFront();
      await page.getByRole("button", { name: first.submitReadingLabel() }).click();
      await expect(page.getByText(signedInAs(second))).toBeVisible();
      const name = page.getByLabel(first.words("bazi")("form.name"), { exact: true });
      await expect(name).toHaveValue("林月");
      await second.open("/bazi");
      await expect(second.page.getByText(second.words("bazi")("list.empty"))).toBeVisible();
      await second.expectBalance(120);

      // The reloaded page belongs to the second person. It does not show what the first one typed.
      await reloadButton(page, first).click();
      await expect(name).toHaveValue("");
    });

    test("refuses to buy, to save a profile and to claim the daily credits", async ({ page }) => {
      const first = new Visitor(page, locale);
      await first.signUp();
      await first.expectBalance(120);
      const pages = [];
      for (const path of ["/settings", "/billing", "/pricing"]) {
        const tab = new Visitor(await page.context().newPage(), locale);
        await tab.open(path);
        await tab.page.waitForLoadState("networkidle");
        pages.push(tab.page);
      }
      const [settings, billing, pricing] = pages;
      if (!settings || !billing || !pricing) throw new Error("A tab is missing.");
      const second = await signUpInAnotherTab(first);
      const refusal = signedInAs(second);

      const claim = first.words("signin")("claim");
      await page.getByRole("button", { name: claim, exact: true }).click();
      await expect(page.getByText(refusal)).toBeVisible();

      const t = first.words("settings");
      await settings.getByLabel(t("profile.name"), { exact: true }).fill("王小明");
      await settings.getByRole("button", { name: t("profile.save") }).click();
      await expect(settings.getByText(refusal)).toBeVisible();
      await expect(settings.getByLabel(t("profile.name"), { exact: true })).toHaveValue("王小明");

      for (const tab of [billing, pricing]) {
        const pack = itemName("pack-basic", locale);
        await tab.getByRole("row").filter({ hasText: pack }).getByRole("button").click();
        await new Visitor(tab, locale).consent();
        await expect(tab.getByRole("alert").filter({ hasText: refusal })).toBeVisible();
      }
      await second.expectBalance(120);
    });
  });

  test.describe(`a page from before a deployment (${locale})`, () => {
    test("keeps a typed reading through the reload and charges nothing", async ({ page }) => {
      const visitor = new Visitor(page, locale);
      const t = visitor.words("bazi");
      await visitor.signUp();
      await visitor.expectBalance(120);
      await visitor.open("/bazi/new");
      await visitor.fillReading();
      const undo = await outdateActions(page);
      await page.getByRole("button", { name: visitor.submitReadingLabel() }).click();
      await expect(page.getByText(visitor.words("errors")("page_out_of_date"))).toBeVisible();
      await undo();
      await reloadButton(page, visitor).click();
      await expect(page.getByText(t("form.restored"))).toBeVisible();
      await expect(page.getByLabel(t("form.name"), { exact: true })).toHaveValue("林月");
      await visitor.expectBalance(120);
      await page.getByRole("button", { name: visitor.submitReadingLabel() }).click();
      await expect(page).toHaveURL(/bazi\/[0-9a-f-]{36}/);
      await visitor.expectBalance(110);
    });

    test("keeps a typed profile through the reload", async ({ page }) => {
      const visitor = new Visitor(page, locale);
      const t = visitor.words("settings");
      await visitor.signUp();
      await visitor.expectBalance(120);
      await visitor.open("/settings");
      await page.waitForLoadState("networkidle");
      const name = page.getByLabel(t("profile.name"), { exact: true });
      await name.fill("王小明");
      await outdateActions(page);
      await page.getByRole("button", { name: t("profile.save") }).click();
      await reloadButton(page, visitor).click();
      await expect(name).toHaveValue("王小明");
    });

    test("asks to be reloaded when Buy is pressed", async ({ page }) => {
      const visitor = new Visitor(page, locale);
      await visitor.signUp();
      await visitor.expectBalance(120);
      const undo = await outdateActions(page);
      await visitor.open("/pricing");
      // The page knows who is signed in, and asks for consent first.
      await page.waitForLoadState("networkidle");
      const row = page.getByRole("row").filter({ hasText: itemName("pack-basic", locale) });
      await row.getByRole("button").click();
      await visitor.consent();
      const notice = page.getByRole("row").getByRole("alert");
      await expect(notice).toContainText(visitor.words("errors")("page_out_of_date"));
      await undo();
      await notice.getByRole("button").click();
      await visitor.buyPack("basic");
      await visitor.pay();
      await visitor.expectPurchase(220);
    });

    test("asks to be reloaded when a script is missing", async ({ page }) => {
      const visitor = new Visitor(page, locale);
      const t = visitor.words("errors");
      await visitor.signUp();
      await visitor.expectBalance(120);
      await page.waitForLoadState("networkidle");
      await page.route(/\/_next\/static\/chunks\/.*\.js/, (route) =>
        route.fulfill({ status: 404, body: "" }),
      );
      const nav = visitor.words("common");
      await page
        .getByRole("link", { name: nav("nav.settings"), exact: true })
        .first()
        .click();
      await expect(page.getByRole("heading", { name: t("page.outOfDateTitle") })).toBeVisible();
      await page.unroute(/\/_next\/static\/chunks\/.*\.js/);
      await reloadButton(page, visitor).click();
      const title = visitor.words("settings")("title");
      await expect(page.getByRole("heading", { name: title, level: 1 })).toBeVisible();
    });
  });
}

/** Signs someone else up in a second tab of the same browser. */
async function signUpInAnotherTab({ page, locale }: Visitor): Promise<Visitor> {
  const second = new Visitor(await page.context().newPage(), locale);
  await page.context().clearCookies();
  await second.signUp();
  await second.expectBalance(120);
  return second;
}

function signedInAs(visitor: Visitor): string {
  return visitor.words("errors")("signed_in_as_another", { email: visitor.email });
}

function reloadButton(page: Page, visitor: Visitor) {
  return page.getByRole("button", { name: visitor.words("common")("actions.reload") });
}

/** Sends the actions of the page with an id that no deployment has, so the server responds as it does. */
async function outdateActions(page: Page): Promise<() => Promise<void>> {
  const anyPage = /^http/;
  await page.route(anyPage, async (route) => {
    const headers = route.request().headers();
    const id = headers["next-action"];
    if (id === undefined) return route.fallback();
    return route.continue({
      headers: { ...headers, "next-action": `00${"0".repeat(id.length - 2)}` },
    });
  });
  return () => page.unroute(anyPage);
}
