import AxeBuilder from "@axe-core/playwright";
import { type Cookie, expect, type Locator, type Page, test } from "@playwright/test";
import { runningLaptop } from "../setup/running-laptop";
import { waitForAnimations } from "./animations";
import { ConsoleFixture } from "./console-fixture";
import { Visitor } from "./visitor";

/**
 * Everything that an operator can press, pressed in a browser, with somebody and something of every
 * kind there; axe looks at every dialog while it is open.
 */
// Several pages each, on a machine that may be busy with other things.
test.setTimeout(240_000);

let fixture: ConsoleFixture;
let operator: Visitor;
let page: Page;
let cookies: Cookie[];
const words = (key: string, values?: Record<string, string | number>) =>
  operator.words("admin")(key, values);

test.beforeAll(async ({ browser }) => {
  test.setTimeout(240_000);
  fixture = await ConsoleFixture.make(browser);
  // Signed in once: who signs in over and over is made to wait.
  const context = await browser.newContext();
  const signingIn = new Visitor(await context.newPage(), "en");
  const { admin } = await runningLaptop();
  await signingIn.signIn(admin.email, admin.password);
  await expect(signingIn.page).toHaveURL(/dashboard/);
  cookies = await context.cookies();
  await context.close();
});

test.beforeEach(async ({ context, page: fresh }) => {
  await context.addCookies(cookies);
  page = fresh;
  operator = new Visitor(page, "en");
});

test.afterAll(() => fixture?.close());

const button = (name: string, within: Page | Locator = page) =>
  within.getByRole("button", { name, exact: true });
const main = () => page.getByRole("main");
const openUser = (userId: string) => operator.open(`/admin/users/${userId}`);
const rowWith = (text: string) => page.getByRole("row").filter({ hasText: text });

async function expectAccessible(what: string): Promise<void> {
  await waitForAnimations(page);
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect
    .soft(
      violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
      what,
    )
    .toEqual([]);
}

/** Opens a dialog that asks why, and answers. */
async function giveReason(trigger: Locator, reason: string): Promise<void> {
  await trigger.click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toBeVisible();
  await expectAccessible(reason);
  await dialog.getByLabel(words("reason.label")).fill(reason);
  await dialog.locator('button[type="submit"]').click();
  await expect(dialog).toHaveCount(0);
}

/** Opens a dialog that asks whether, and says yes. */
async function confirm(label: string): Promise<void> {
  await button(label).click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog).toBeVisible();
  await expectAccessible(label);
  await button(label, dialog).click();
  await expect(dialog).toHaveCount(0, { timeout: 60_000 });
}

async function adjust(amount: string, reason: string): Promise<void> {
  await page.getByLabel(words("adjust.amount"), { exact: false }).first().fill(amount);
  await page.getByLabel(words("adjust.reason"), { exact: false }).first().fill(reason);
  await button(words("adjust.submit")).click();
}

async function expectAudited(action: string, reason: string): Promise<void> {
  await operator.open("/admin/audit");
  await expect(rowWith(reason).filter({ hasText: words(`audit.actions.${action}`) })).toHaveCount(
    1,
  );
}

test("credits are given and taken with a reason, and never more than there are", async () => {
  await openUser(fixture.of.holder);
  await adjust("50", "a gift of the scene");
  await expect(page.getByText(words("adjust.done", { credits: "170 credits" }))).toBeVisible();
  await adjust("-20", "a slip of the scene");
  await expect(page.getByText(words("adjust.done", { credits: "150 credits" }))).toBeVisible();
  await adjust("-5000", "too much of the scene");
  await expect(page.getByText(/nothing was booked/i)).toBeVisible();
  // Folded away is what lots the rows drew on, and where the gift went.
  const corrections = page
    .locator("#ledger")
    .getByText(operator.words("credits")("types.ADMIN_ADJUST.label"), { exact: true })
    .filter({ visible: true });
  await expect(corrections).toHaveCount(2);
  await expectAudited("credits.adjust", "a gift of the scene");
  await expect(rowWith("too much of the scene")).toHaveCount(0);
});

test("the balance is shown as of a past instant, and of now again", async () => {
  await openUser(fixture.of.debtor);
  const balance = main()
    .locator("section", { hasText: words("user.balanceNow") })
    .first();
  await expect(balance).toContainText(/[-−]30/);
  const instant = page.locator('input[type="datetime-local"][name="at"]');
  const picker = page.locator("form").filter({ has: instant });
  await instant.fill("2020-01-01T00:00:00");
  await button(words("asOf.show"), picker).click();
  await expect(page.getByText(words("user.balanceAt"))).toBeVisible();
  await expect(page).toHaveURL(/at=20/);
  await expect(page.getByText(words("user.noLots"))).toBeVisible();
  await button(words("asOf.now"), picker).click();
  await expect(page.getByText(words("user.balanceNow"))).toBeVisible();
});

test("a person is banned, and let in again", async () => {
  await openUser(fixture.of.holder);
  await giveReason(button(words("ban.act")), "a ban of the scene");
  await expect(page.getByText("a ban of the scene")).toBeVisible();
  await giveReason(button(words("unban.act")), "a pardon of the scene");
  await expect(button(words("ban.act"))).toBeVisible();
  await expectAudited("user.ban", "a ban of the scene");
  await expectAudited("user.unban", "a pardon of the scene");
});

test("a frozen account may spend again", async () => {
  await openUser(fixture.of.frozen);
  await expect(page.getByText(words("frozen.title"))).toBeVisible();
  await giveReason(button(words("frozen.unfreeze")), "the fixture looked at it");
  await expect(page.getByText(words("frozen.title"))).toHaveCount(0);
  await expectAudited("account.unfreeze", "the fixture looked at it");
});

test("a device is signed out", async () => {
  await openUser(fixture.of.customer);
  const end = page.getByRole("button", { name: /^Sign out .+/ }).first();
  await expect(end).toBeVisible();
  const name = (await end.getAttribute("aria-label"))?.replace("Sign out ", "") ?? "";
  await end.click();
  await expect(page.getByText(words("devices.ended", { name }))).toBeVisible();
  await expect(page.getByText(words("devices.none"))).toBeVisible();
});

test("what was given up in the outbox is tried again, or closed for good", async () => {
  const [again = "", never = ""] = fixture.of.deadMails;
  await operator.open("/admin/outbox?status=dead");
  await button(words("outbox.resend"), rowWith(again)).click();
  await expect(page.getByText(words("outbox.queued"))).toBeVisible();
  await expect(rowWith(again)).toHaveCount(0);
  await giveReason(button(words("close.act"), rowWith(never)), "no such mailbox in the scene");
  await expect(rowWith(never)).toHaveCount(0);
  await operator.open("/admin/outbox?status=closed");
  await expect(rowWith(never)).toContainText(words("outbox.statuses.closed"));
  await expectAudited("outbox.close", "no such mailbox in the scene");
});

test("a mail that was sent is sent again", async () => {
  await operator.open(`/admin/outbox?status=done&kind=email&q=${fixture.of.customer}`);
  await button(words("outbox.sendAgain")).first().click();
  await expect(page.getByText(words("outbox.queued"))).toBeVisible();
  await operator.open(`/admin/outbox?q=${fixture.of.customer}`);
  await expect(page.getByText(/:again:/)).toBeVisible();
});

test("a dead event is replayed, and leads to what it changed", async () => {
  await operator.open(`/admin/events/${fixture.of.deadEvent}`);
  await button(words("replay.act")).click();
  await expect(page.getByText(words("replay.handled"))).toBeVisible();
  await expect(button(words("replay.act"))).toHaveCount(0);
  await expect(page.getByText(words("changes.title"))).toBeVisible();
  const ledger = page.getByRole("region", { name: words("user.ledger") });
  await expect(ledger.getByRole("row")).toHaveCount(3);
  await expectAccessible("an event with what it changed");
  await ledger.getByRole("link").first().click();
  await expect(page).toHaveURL(
    new RegExp(`/admin/users/${fixture.of.customer}\\?before=\\d+#ledger`),
  );
  await page.goBack();
  await main().getByRole("link", { name: fixture.of.customerEmail }).first().click();
  await expect(page).toHaveURL(new RegExp(`/admin/users/${fixture.of.customer}$`));
});

test("all dead events are replayed, and one is closed for good", async () => {
  const [first = ""] = fixture.of.brokenEvents;
  await operator.open(`/admin/events/${first}`);
  await giveReason(button(words("close.act")), "beyond help in the scene");
  await expect(page.getByText("beyond help in the scene")).toBeVisible();
  await operator.open("/admin/events?status=dead");
  await confirm(words("deadLetters.replayAll"));
  await expect(page.getByText(/2 replayed: 0 handled/)).toBeVisible();
  await expect(page.getByText(words("deadLetters.text"))).toHaveCount(0);
  await expectAudited("event.close", "beyond help in the scene");
});

test("a dry run tells what a run would do, and a run is followed while it goes on", async () => {
  await operator.open("/admin/runs");
  await button(words("runs.dryRun")).click();
  await expect(page.getByText(words("runs.dryRunHint"))).toBeVisible();
  await expectAccessible("a dry run");
  await fixture.whileAMonthIsLocked(async () => {
    await confirm(words("runs.start"));
    await expect(page.getByText(words("runs.running"), { exact: true })).toBeVisible({
      timeout: 30_000,
    });
    await expectAccessible("a run under way");
  });
  await expect(page.getByText(words("runs.finished"), { exact: true })).toBeVisible({
    timeout: 60_000,
  });
});

test("whom a run could not grant is tried again until it can", async () => {
  await fixture.distribute(page);
  await operator.open("/admin/runs");
  const failing = rowWith(fixture.of.failing);
  await expect(failing.first()).toContainText("the fixture refuses this grant");
  await button(words("failing.retry"), failing).first().click();
  // Answered, before anything is mended.
  const failedAgain = words("failing.failedAgain", { error: "the fixture refuses this grant" });
  await expect(page.getByText(failedAgain)).toBeVisible();
  await fixture.mendFailing();
  await operator.open("/admin/runs");
  await button(words("failing.retry"), failing).first().click();
  await expect(page.getByText(words("failing.granted", { credits: "50 credits" }))).toBeVisible();
  await expect(failing).toHaveCount(0);
});

test("drift is found by reconciling, and gone when the books balance again", async () => {
  await reconcile();
  const drifted = main().getByRole("link", { name: fixture.of.drifting });
  await expect(drifted).toBeVisible({ timeout: 60_000 });
  await expectAccessible("the overview with drift");
  await drifted.click();
  await expect(page.getByText(words("frozen.title"))).toBeVisible();
  await fixture.mendDrift();
  await giveReason(button(words("frozen.unfreeze")), "mended by the scene");
  await expect(page.getByText(words("frozen.title"))).toHaveCount(0);
  await reconcile();
  await expect(drifted).toHaveCount(0, { timeout: 60_000 });
});

/** Presses the button and waits until the books were recomputed since. */
async function reconcile(): Promise<void> {
  await operator.open("/admin");
  const last = main().getByText(words("overview.reconciledAt")).locator("..").locator("time");
  const before = (await last.count()) > 0 ? await last.getAttribute("datetime") : null;
  await button(words("overview.reconcileNow")).click();
  await expect(page.getByText(words("overview.reconcileStarted"))).toBeVisible();
  await expect(async () => {
    await operator.open("/admin");
    expect(await last.getAttribute("datetime", { timeout: 5_000 })).not.toBe(before);
  }).toPass({ timeout: 90_000 });
}
