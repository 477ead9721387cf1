import { type Browser, type CDPSession, expect, type Page, test } from "@playwright/test";
import { eq } from "drizzle-orm";
import { session, user } from "@/db/schema";
import { openOperatorDatabase } from "../../dev/operator/operator-database";
import { totpCode } from "../support/totp";
import { type Locale, Visitor } from "./visitor";

for (const locale of ["en", "zh-CN"] as const) {
  test(`an authenticator app guards the sign-in and the console (${locale})`, async ({
    page,
    browser,
  }) => {
    const visitor = new Visitor(page, locale);
    await visitor.signUp();
    await visitor.expectBalance(120);
    const { app, backupCode } = await setUpApp(visitor);

    await visitor.signOut();
    await visitor.signIn();
    const t = visitor.words("auth");
    const code = page.getByLabel(t("secondStep.code"), { exact: true });
    await code.fill("000000");
    await page.getByRole("button", { name: t("secondStep.submit") }).click();
    await expect(page.getByText(t("problems.code_wrong"))).toBeVisible();
    await expect(code).toBeFocused();
    await code.fill(app.code());
    await page.getByRole("button", { name: t("secondStep.submit") }).click();
    await visitor.expectBalance(120);

    const other = await signInWithBackupCode(browser, visitor, backupCode);
    await makeAdmin(visitor.email);
    await adjustAfterStepUp(other, { subject: visitor.email, app });
    await other.page.context().close();
  });
}

for (const locale of ["en", "zh-CN"] as const) {
  test(`a passkey signs in and confirms what is sensitive (${locale})`, async ({
    page,
    context,
  }) => {
    const visitor = new Visitor(page, locale);
    const [t, auth] = [visitor.words("security"), visitor.words("auth")];
    await visitor.signUp();
    await visitor.expectBalance(120);
    const device = await context.newCDPSession(page);
    const authenticatorId = await addAuthenticator(device);
    await addPasskey(visitor, "Laptop");
    await page.getByRole("button", { name: t("passkeys.renameNamed", { name: "Laptop" }) }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel(t("passkeys.name"), { exact: false }).fill("Phone");
    await dialog.getByRole("button", { name: t("passkeys.save") }).click();
    await expect(page.getByText("Phone", { exact: true })).toBeVisible();

    // The page offers the passkey in its fields (conditional mediation). The device accepts at once.
    await visitor.signOut();
    await visitor.open("/sign-in");
    await visitor.expectBalance(120);

    // Before the page opens, whose autofill would sign in with a verified user at once.
    await device.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
    await visitor.signOut();
    await visitor.open("/sign-in");
    expect(await signInWithoutVerification(page)).toEqual({
      status: 403,
      code: "USER_NOT_VERIFIED",
    });
    await page.getByRole("button", { name: auth("signIn.passkey") }).click();
    await expect(page.getByText(auth("problems.passkey_cancelled"))).toBeVisible();
    await device.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: true });
    await page.getByRole("button", { name: auth("signIn.passkey") }).click();
    await visitor.expectBalance(120);

    await makeAdmin(visitor.email);
    await adjustAfterStepUp(visitor, { subject: visitor.email, app: null });
    await visitor.open("/settings/security");
    await expectLogged(visitor, "passkey");
    await page.getByRole("button", { name: t("passkeys.removeNamed", { name: "Phone" }) }).click();
    const sure = page.getByRole("alertdialog");
    await sure.getByRole("button", { name: t("passkeys.remove") }).click();
    await expectLogged(visitor, "passkey-removed");
  });
}

/** A device that creates and uses passkeys at once, after it has verified the user. */
async function addAuthenticator(device: CDPSession): Promise<string> {
  await device.send("WebAuthn.enable");
  const { authenticatorId } = await device.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
    },
  });
  return authenticatorId;
}

async function addPasskey(visitor: Visitor, name: string): Promise<void> {
  const { page } = visitor;
  const t = visitor.words("security");
  await visitor.open("/settings/security");
  await page.getByRole("button", { name: t("passkeys.add") }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(t("passkeys.name"), { exact: false }).fill(name);
  await dialog.getByRole("button", { name: t("passkeys.continue") }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText(name, { exact: true })).toBeVisible();
  await expectLogged(visitor, "passkey-added");
}

/** The newest entry of the activity. */
async function expectLogged(visitor: Visitor, kind: string): Promise<void> {
  const t = visitor.words("security");
  const title = visitor.page.getByRole("heading", { name: t("log.title") });
  const log = visitor.page.locator("section", { has: title });
  await expect(log.getByRole("listitem").first()).toContainText(t(`log.kinds.${kind}`));
}

/** Asks the browser for a passkey without verification, which our page never does. */
async function signInWithoutVerification(page: Page) {
  return page.evaluate(async () => {
    const asked = await fetch("/api/auth/passkey/generate-authenticate-options");
    const options = { ...(await asked.json()), userVerification: "discouraged" };
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
    const found = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential;
    const sent = await fetch("/api/auth/passkey/verify-authentication", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ response: found.toJSON() }),
    });
    return { status: sent.status, code: (await sent.json()).code };
  });
}

/** An authenticator app. The server accepts the codes of three periods, each once. */
class App {
  readonly #used = new Set<string>();

  constructor(private readonly secret: string) {}

  code(): string {
    const codes = [0, 1, -1].map((periodsAhead) => totpCode(this.secret, { periodsAhead }));
    const unused = codes.find((code) => !this.#used.has(code)) ?? "";
    this.#used.add(unused);
    return unused;
  }
}

/** Turns two-factor authentication on. */
async function setUpApp(visitor: Visitor) {
  const { page } = visitor;
  const t = visitor.words("security");
  await visitor.open("/settings/security");
  await page.getByRole("button", { name: t("twoFactor.setUp"), exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel(t("twoFactor.password"), { exact: true }).fill(visitor.password);
  await dialog.getByRole("button", { name: t("twoFactor.continue") }).click();
  await expect(dialog.getByRole("img", { name: t("twoFactor.qrCode") })).toBeVisible();
  const app = new App((await dialog.locator("code").innerText()).replaceAll(" ", ""));
  await dialog.getByLabel(t("twoFactor.code"), { exact: true }).fill(app.code());
  await dialog.getByRole("button", { name: t("twoFactor.verify"), exact: true }).click();
  await expect(dialog.getByText(t("twoFactor.codesTitle"))).toBeVisible();
  const codes = await dialog.getByRole("listitem").allInnerTexts();
  expect(codes).toHaveLength(10);
  const download = page.waitForEvent("download");
  await dialog.getByRole("button", { name: t("twoFactor.download") }).click();
  expect((await download).suggestedFilename()).toBe("qiflow-backup-codes.txt");
  await dialog.getByRole("button", { name: t("twoFactor.saved") }).click();
  await expect(page.getByText(t("twoFactor.on"), { exact: true })).toBeVisible();
  return { app, backupCode: codes[0] ?? "" };
}

async function signInWithBackupCode(browser: Browser, owner: Visitor, backupCode: string) {
  const visitor = new Visitor(await newPage(browser, owner.locale), owner.locale);
  const { page } = visitor;
  const t = visitor.words("auth");
  await visitor.signIn(owner.email, owner.password);
  await page.getByRole("button", { name: t("secondStep.useBackupCode") }).click();
  await page.getByLabel(t("secondStep.backupCode"), { exact: true }).fill(backupCode);
  await page.getByRole("button", { name: t("secondStep.submit") }).click();
  await visitor.expectBalance(120);
  return visitor;
}

/** An adjustment half an hour after the sign-in: asks for a code or the passkey and books once. */
async function adjustAfterStepUp(
  visitor: Visitor,
  { subject, app }: { subject: string; app: App | null },
) {
  const { page } = visitor;
  const admin = visitor.words("admin");
  const t = visitor.words("security");
  const userId = await ageProofs(subject);
  await visitor.open(`/admin/users/${userId}`);
  await page.getByLabel(admin("adjust.amount"), { exact: false }).first().fill("30");
  await page.getByLabel(admin("adjust.reason"), { exact: false }).first().fill("a test of codes");
  await page.getByRole("button", { name: admin("adjust.check") }).click();
  await page.getByRole("button", { name: admin("adjust.submit") }).click();
  const dialog = page.getByRole("dialog", { name: t("proof.title") });
  if (app === null) {
    await dialog.getByRole("button", { name: t("proof.passkey.submit") }).click();
  } else {
    await dialog.getByLabel(t("proof.code.label"), { exact: true }).fill(app.code());
    await dialog.getByRole("button", { name: t("proof.submit") }).click();
  }
  await expect(dialog).toHaveCount(0);
  await visitor.expectBalance(150);
}

async function makeAdmin(email: string): Promise<void> {
  const { db, close } = await openOperatorDatabase();
  await db.update(user).set({ role: "admin" }).where(eq(user.email, email));
  await close();
}

/** Makes every proof of the user's sessions look half an hour old. Returns the user's id. */
async function ageProofs(email: string): Promise<string> {
  const { db, close } = await openOperatorDatabase();
  const [found] = await db.select({ id: user.id }).from(user).where(eq(user.email, email));
  const id = found?.id ?? "";
  const then = new Date(Date.now() - 30 * 60_000);
  await db.update(session).set({ secondFactorAt: then }).where(eq(session.userId, id));
  await close();
  return id;
}

async function newPage(browser: Browser, locale: Locale): Promise<Page> {
  return (await browser.newContext({ locale })).newPage();
}
