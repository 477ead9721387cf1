import { type Browser, expect, type Locator, type Page, test } from "@playwright/test";
import { LOCALES, type Locale, Visitor } from "./visitor";

const NEW_PASSWORD = "another sentence nobody guesses";

for (const locale of LOCALES) {
  test.describe(`an account (${locale})`, () => {
    test("is verified by the link in the email, and reveals nothing to strangers", async ({
      page,
      browser,
    }) => {
      const visitor = await createMember(page, locale);
      const t = visitor.words("auth");
      const confirmed = t("verifyEmail.confirmed");
      const stranger = await createStranger(browser, locale);
      await stranger.open("/verify-email");
      await expect(stranger.page.getByText(confirmed)).toHaveCount(0);

      const emails = visitor.words("emails");
      const link = await linkInEmail(stranger, visitor.email, emails("verifyEmail.subject"));
      await page.goto(link);
      await expect(page.getByText(confirmed)).toBeVisible();
      await visitor.open("/settings");
      const words = visitor.words("settings");
      await expect(page.getByText(words("email.verified"), { exact: true })).toBeVisible();
    });

    test("keeps what was typed when the language is switched, and saves the switch", async ({
      page,
    }) => {
      const visitor = new Visitor(page, locale);
      const other = new Visitor(page, locale === "en" ? "zh-CN" : "en");
      const [t, otherT] = [visitor.words("auth"), other.words("auth")];
      const switchTo = (chosen: Visitor, before: Visitor) =>
        page
          .getByRole("banner")
          .getByRole("link", { name: before.words("common")(`languageNames.${chosen.locale}`) })
          .click();
      await visitor.open("/sign-up");
      await page.getByLabel(t("name"), { exact: true }).fill("林月");
      await page.getByLabel(t("email"), { exact: true }).fill(visitor.email);
      await page.getByLabel(t("password"), { exact: true }).fill(visitor.password);
      await page.getByRole("button", { name: t("showPassword") }).click();
      await switchTo(other, visitor);
      await expect(page.getByLabel(otherT("email"), { exact: true })).toHaveValue(visitor.email);
      await expect(page.getByLabel(otherT("name"), { exact: true })).toHaveValue("林月");
      await expect(page.getByLabel(otherT("password"), { exact: true })).toHaveValue("");
      expect(await countDrafts(page)).toBe(0);

      await page.getByLabel(otherT("password"), { exact: true }).fill(visitor.password);
      await page.getByRole("button", { name: otherT("signUp.submit") }).click();
      await other.expectBalance(120);
      // The link saves the switch once the page is hydrated.
      await page.waitForLoadState("networkidle");
      await switchTo(visitor, other);
      await visitor.expectBalance(120);
      const language = page.getByRole("combobox", {
        name: visitor.words("settings")("profile.language"),
      });
      const chosen = visitor.words("common")(`languageNames.${locale}`);
      await expect(async () => {
        await visitor.open("/settings");
        await expect(language).toContainText(chosen, { timeout: 5_000 });
      }).toPass({ timeout: 60_000 });
    });

    test("is lost by a squatter when the address's owner opens the link", async ({
      page,
      browser,
    }) => {
      const squatter = await createMember(page, locale);
      const t = squatter.words("auth");
      const owner = await createStranger(browser, locale);
      const subject = squatter.words("emails")("verifyEmail.subject");
      await owner.page.goto(await linkInEmail(owner, squatter.email, subject));
      await expect(owner.page.getByText(t("resetPassword.verifiedText"))).toBeVisible();
      await squatter.open("/dashboard");
      await expect(page).toHaveURL(/sign-in/);
      const newPassword = owner.page.getByLabel(t("newPassword"), { exact: true });
      const submit = owner.page.getByRole("button", { name: t("resetPassword.submit") });
      await newPassword.fill("password");
      await submit.click();
      await expect(owner.page.getByText(t("problems.password_common"))).toBeVisible();
      await newPassword.fill(NEW_PASSWORD);
      await submit.click();
      await expect(owner.page.getByText(t("signIn.passwordSet"))).toBeVisible();
      await owner.signIn(squatter.email, NEW_PASSWORD);
      await owner.expectBalance(120);
    });

    test("gets another address, which the new mailbox verifies", async ({ page, browser }) => {
      const visitor = await createMember(page, locale);
      const t = visitor.words("settings");
      const newEmail = `new-${visitor.email}`;
      await visitor.open("/settings");
      await page.getByRole("button", { name: t("email.change"), exact: true }).click();
      const dialog = page.getByRole("alertdialog");
      await dialog.getByLabel(t("email.new"), { exact: true }).fill(newEmail);
      const password = dialog.getByLabel(t("email.password"), { exact: true });
      await password.fill("not this one");
      await dialog.getByRole("button", { name: t("email.send") }).click();
      await expect(dialog.getByText(t("email.wrongPassword"))).toBeVisible();
      await password.fill(visitor.password);
      await dialog.getByRole("button", { name: t("email.send") }).click();
      await expect(page.getByText(t("email.sentText", { email: newEmail }))).toBeVisible();

      const reader = await createStranger(browser, locale);
      const emails = visitor.words("emails");
      const link = await linkInEmail(reader, newEmail, emails("verifyNewEmail.subject"));
      await reader.page.goto(link);
      await expect(reader.page).toHaveURL(/sign-in/);
      await page.goto(link);
      await page.getByRole("button", { name: t("email.confirm"), exact: true }).click();
      await expect(page.getByText(t("email.confirmed"))).toBeVisible();
      await expect(
        page.getByText(newEmail, { exact: true }).filter({ visible: true }).first(),
      ).toBeVisible();
      await page.goto(link);
      await expect(page.getByText(t("email.invalid"))).toBeVisible();
    });

    test("gets a new password by email, which replaces the old one", async ({ page, browser }) => {
      const visitor = await createMember(page, locale);
      const t = visitor.words("auth");
      await visitor.signOut();
      await visitor.open("/sign-in");
      await page.getByRole("link", { name: t("signIn.forgot") }).click();
      await expect(page).toHaveURL(/forgot-password/);
      await page.getByLabel(t("email"), { exact: true }).fill(visitor.email);
      await page.getByRole("button", { name: t("forgotPassword.submit") }).click();
      await expect(page.getByText(t("forgotPassword.sentTitle"))).toBeVisible();

      const stranger = await createStranger(browser, locale);
      const subject = visitor.words("emails")("resetPassword.subject");
      await page.goto(await linkInEmail(stranger, visitor.email, subject));
      await page.getByLabel(t("newPassword"), { exact: true }).fill(NEW_PASSWORD);
      await page.getByRole("button", { name: t("resetPassword.submit") }).click();
      await expect(page.getByText(t("signIn.passwordSet"))).toBeVisible();
      await visitor.signIn();
      await expect(page.getByText(t("problems.wrong_credentials"))).toBeVisible();
      await visitor.signIn(visitor.email, NEW_PASSWORD);
      await visitor.expectBalance(120);
    });

    test("changes name, time zone and password, and a new password signs out other devices", async ({
      page,
      browser,
    }) => {
      const visitor = await createMember(page, locale);
      const t = visitor.words("settings");
      const other = await createStranger(browser, locale);
      await other.signIn(visitor.email);
      await other.expectBalance(120);

      await visitor.open("/settings");
      await page.getByLabel(t("profile.name"), { exact: true }).fill("");
      await page.getByRole("button", { name: t("profile.save") }).click();
      await expect(page.getByLabel(t("profile.name"), { exact: true })).toBeFocused();
      await page.getByLabel(t("profile.name"), { exact: true }).fill("王小明");
      await page.getByLabel(t("profile.timeZone")).selectOption("America/New_York");
      await page.getByRole("button", { name: t("profile.save") }).click();
      await expect(page.getByText(t("profile.saved"))).toBeVisible();
      await page.reload();
      await expect(page.getByLabel(t("profile.name"), { exact: true })).toHaveValue("王小明");
      await expect(page.getByLabel(t("profile.timeZone"))).toHaveValue("America/New_York");

      await visitor.open("/settings/security");
      const devices = devicesIn(visitor);
      await expect(devices).toHaveCount(2);
      await page.getByLabel(t("password.current"), { exact: true }).fill(visitor.password);
      const newPassword = visitor.words("auth")("newPassword");
      await page.getByLabel(newPassword, { exact: true }).fill(NEW_PASSWORD);
      await page.getByRole("button", { name: t("password.change") }).click();
      await expect(page.getByText(t("password.changed"))).toBeVisible();
      await expect(devices).toHaveCount(1);
      await other.open("/dashboard");
      await expect(other.page).toHaveURL(/sign-in/);
    });

    test("signs another device out", async ({ page, browser }) => {
      const visitor = await createMember(page, locale);
      const t = visitor.words("settings");
      const other = await createStranger(browser, locale);
      await other.signIn(visitor.email);
      await other.expectBalance(120);
      await visitor.open("/settings/security");
      await page
        .getByRole("button", { name: t("devices.signOut"), exact: false })
        .last()
        .click();
      await expect(page.getByText(t("devices.signedOut"))).toBeVisible();
      await expect(devicesIn(visitor)).toHaveCount(1);
      await other.open("/dashboard");
      await expect(other.page).toHaveURL(/sign-in/);
    });

    test("is deleted after its password is entered, together with its draft", async ({ page }) => {
      const visitor = await createMember(page, locale);
      const t = visitor.words("settings");
      await visitor.open("/bazi/new");
      await page.getByLabel(visitor.words("bazi")("form.year")).fill("1990");
      expect(await countDrafts(page)).toBe(1);
      await visitor.open("/settings");
      await page.getByRole("button", { name: t("deleteAccount.open") }).click();
      const dialog = page.getByRole("alertdialog");
      const lost = visitor.words("common")("credits", { amount: 120, amountText: "120" });
      await expect(dialog.getByText(t("deleteAccount.lost", { credits: lost }))).toBeVisible();
      const password = dialog.getByLabel(t("deleteAccount.password"), { exact: true });
      await password.fill("not this one");
      await dialog.getByRole("button", { name: t("deleteAccount.confirm") }).click();
      await expect(dialog.getByText(t("deleteAccount.wrongPassword"))).toBeVisible();
      await expect(password).toBeFocused();
      await password.fill(visitor.password);
      await dialog.getByRole("button", { name: t("deleteAccount.confirm") }).click();
      await expect(page.getByText(visitor.words("auth")("signIn.accountDeleted"))).toBeVisible();
      expect(await countDrafts(page)).toBe(0);
      await visitor.signIn();
      await expect(
        page.getByText(visitor.words("auth")("problems.wrong_credentials")),
      ).toBeVisible();
    });

    test("keeps the typed values and shows an error while offline", async ({ page }) => {
      const visitor = await createMember(page, locale);
      const t = visitor.words("settings");
      const offline = visitor.words("errors")("offline");
      await visitor.open("/settings");
      // The first input loads the library of the toasts.
      await page.keyboard.press("Tab");
      await page.waitForLoadState("networkidle");
      await page.context().setOffline(true);

      await page.getByLabel(t("profile.name"), { exact: true }).fill("王小明");
      await page.getByRole("button", { name: t("profile.save") }).click();
      await expect(page.getByText(offline)).toHaveCount(1);
      await expect(page.getByRole("button", { name: t("profile.save") })).toBeEnabled();
      await expect(page.getByLabel(t("profile.name"), { exact: true })).toHaveValue("王小明");

      const byEmail = page.getByRole("switch").first();
      await byEmail.click();
      await expect(page.getByText(offline)).toHaveCount(2);
      await expect(byEmail).toBeChecked();

      await page.getByRole("button", { name: t("deleteAccount.open") }).click();
      const dialog = page.getByRole("alertdialog");
      await dialog.getByLabel(t("deleteAccount.password"), { exact: true }).fill(visitor.password);
      await dialog.getByRole("button", { name: t("deleteAccount.confirm") }).click();
      await expect(dialog.getByText(offline)).toBeVisible();

      await page.context().setOffline(false);
      await page.reload();
      await visitor.expectBalance(120);
    });
  });
}

test("signing out deletes the draft of a birth", async ({ page }) => {
  const visitor = await createMember(page, "en");
  await visitor.open("/bazi/new");
  await page.getByLabel(visitor.words("bazi")("form.year")).fill("1990");
  expect(await countDrafts(page)).toBe(1);
  const t = visitor.words("common");
  await page.getByRole("button", { name: t("nav.account") }).click();
  await page.getByRole("menuitem", { name: t("nav.signOut") }).click();
  await expect(page.getByRole("link", { name: t("nav.signIn") })).toBeVisible();
  expect(await countDrafts(page)).toBe(0);
});

/** The rows of the signed-in devices. The card below lists earlier sign-ins of the same browsers. */
function devicesIn(visitor: Visitor): Locator {
  const { page } = visitor;
  const title = visitor.words("settings")("devices.title");
  const card = page.locator("section").filter({ has: page.getByRole("heading", { name: title }) });
  return card.getByRole("listitem");
}

async function createMember(page: Page, locale: Locale): Promise<Visitor> {
  const visitor = new Visitor(page, locale);
  await visitor.signUp();
  await visitor.expectBalance(120);
  return visitor;
}

/** A visitor with a separate browser context. */
async function createStranger(browser: Browser, locale: Locale): Promise<Visitor> {
  return new Visitor(await (await browser.newContext()).newPage(), locale);
}

/** Returns the link of the button in an email. */
async function linkInEmail(reader: Visitor, to: string, subject: string): Promise<string> {
  await reader.open("/dev/mail");
  const { page } = reader;
  await page.getByRole("link").filter({ hasText: to }).filter({ hasText: subject }).first().click();
  const button = page.frameLocator("iframe").locator("a[href*='token=']").first();
  return (await button.getAttribute("href")) ?? "";
}

function countDrafts(page: Page): Promise<number> {
  return page.evaluate(
    () => Object.keys(sessionStorage).filter((key) => key.startsWith("qiflow-")).length,
  );
}
