import { type Cookie, expect, type Locator, type Page, test } from "@playwright/test";
import { findRunningApp } from "../setup/running-app";
import { findViolations } from "./axe";
import { ConsoleFixture } from "./console-fixture";
import { Visitor } from "./visitor";

/** Performs every action of the console in a browser. axe checks every open dialog. */
// Each test opens several pages, possibly on a busy machine.
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
  // Sign in once, because sign-ins are rate limited.
  const context = await browser.newContext();
  const signingIn = new Visitor(await context.newPage(), "en");
  const { admin } = await findRunningApp();
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
  expect.soft(await findViolations(page), what).toEqual([]);
}

/** Opens a reason dialog and submits a reason. */
async function submitReason(trigger: Locator, reason: string): Promise<void> {
  await trigger.click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toBeVisible();
  await expectAccessible(reason);
  await dialog.getByLabel(words("reason.label")).fill(reason);
  await dialog.locator('button[type="submit"]').click();
  await expect(dialog).toHaveCount(0);
}

/** Opens a confirmation dialog and confirms. */
async function confirm(label: string): Promise<void> {
  await button(label).click();
  const dialog = page.getByRole("alertdialog");
  await expect(dialog).toBeVisible();
  await expectAccessible(label);
  await button(label, dialog).click();
  await expect(dialog).toHaveCount(0, { timeout: 60_000 });
}

/** Checks an adjustment. A possible one opens the dialog with its effect. */
async function checkAdjustment(amount: string, reason: string): Promise<void> {
  await page.getByLabel(words("adjust.amount"), { exact: false }).first().fill(amount);
  await page.getByLabel(words("adjust.reason"), { exact: false }).first().fill(reason);
  await button(words("adjust.check")).click();
}

/** Confirms an adjustment after its effect. */
async function adjust(amount: string, reason: string, effect: RegExp): Promise<void> {
  await checkAdjustment(amount, reason);
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText(effect);
  await expectAccessible(reason);
  await button(words("adjust.submit"), dialog).click();
  await expect(dialog).toHaveCount(0);
}

async function expectAudited(action: string, reason: string): Promise<void> {
  await operator.open("/admin/audit");
  await expect(rowWith(reason).filter({ hasText: words(`audit.actions.${action}`) })).toHaveCount(
    1,
  );
}

test("an admin adds and removes credits with a reason, but no more than the balance", async () => {
  await openUser(fixture.of.holder);
  await adjust("50", "a gift from the test", /110 credits.*160 credits.*\+50/s);
  await expect(page.getByText(words("adjust.done", { credits: "170 credits" }))).toBeVisible();
  await adjust("-20", "a mistake in the test", /160 credits.*140 credits.*−20/s);
  await expect(page.getByText(words("adjust.done", { credits: "150 credits" }))).toBeVisible();
  await checkAdjustment("-5000", "too much in the test");
  // 10 of the 150 credits are held.
  const amounts = { required: "5,000 credits", available: "140 credits" };
  await expect(page.getByText(words("adjust.tooMuch", amounts))).toBeVisible();
  // Allocations and lot histories are collapsed.
  const corrections = page
    .locator("#ledger")
    .getByText(operator.words("credits")("types.ADMIN_ADJUST.label"), { exact: true })
    .filter({ visible: true });
  await expect(corrections).toHaveCount(2);
  await expectAudited("credits.adjust", "a gift from the test");
  await expect(rowWith("too much in the test")).toHaveCount(0);
});

test("an admin sees the balance as of a past instant and as of now", async () => {
  await openUser(fixture.of.debtor);
  const balance = main()
    .locator("section", { hasText: words("user.balanceNow") })
    .first();
  await expect(balance).toContainText(/Available0 credits.*Debt30 credits/);
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

test("an admin bans a user and lifts the ban", async () => {
  await openUser(fixture.of.holder);
  await submitReason(button(words("ban.act")), "a ban by the test");
  await expect(page.getByText("a ban by the test")).toBeVisible();
  await submitReason(button(words("unban.act")), "a pardon by the test");
  await expect(button(words("ban.act"))).toBeVisible();
  await expectAudited("user.ban", "a ban by the test");
  await expectAudited("user.unban", "a pardon by the test");
});

test("an admin unfreezes an account", async () => {
  await openUser(fixture.of.frozen);
  await expect(page.getByText(words("frozen.title"))).toBeVisible();
  await submitReason(button(words("frozen.unfreeze")), "the books were checked");
  await expect(page.getByText(words("frozen.title"))).toHaveCount(0);
  await expectAudited("account.unfreeze", "the books were checked");
});

test("an admin releases the free credits that were withheld", async () => {
  const { withheld } = fixture.of;
  await operator.open(`/admin/free-credits?q=${withheld}`);
  await expect(rowWith(withheld)).toContainText(words("freeCredits.reasons.disposable"));
  await submitReason(button(words("freeCredits.release")), "a colleague without a mailbox");
  await expect(button(words("freeCredits.release"))).toHaveCount(0);
  await openUser(withheld);
  const gift = page.locator("#ledger").getByText("+70").filter({ visible: true });
  await expect(gift.first()).toBeVisible();
  await expectAudited("free-credits.release", "a colleague without a mailbox");
});

test("an admin signs a user out on a device", async () => {
  await openUser(fixture.of.customer);
  const end = page.getByRole("button", { name: /^Sign out .+/ }).first();
  await expect(end).toBeVisible();
  const name = (await end.getAttribute("aria-label"))?.replace("Sign out ", "") ?? "";
  await end.click();
  await expect(page.getByText(words("devices.ended", { name }))).toBeVisible();
  await expect(page.getByText(words("devices.none"))).toBeVisible();
});

test("an admin resends one dead outbox entry and closes another", async () => {
  const [again = "", never = ""] = fixture.of.deadEmails;
  await operator.open("/admin/outbox?status=dead");
  await button(words("outbox.resend"), rowWith(again)).click();
  await expect(page.getByText(words("outbox.queued"))).toBeVisible();
  await expect(rowWith(again)).toHaveCount(0);
  await submitReason(button(words("close.act"), rowWith(never)), "no such mailbox");
  await expect(rowWith(never)).toHaveCount(0);
  await operator.open("/admin/outbox?status=closed");
  await expect(rowWith(never)).toContainText(words("outbox.statuses.closed"));
  await expectAudited("outbox.close", "no such mailbox");
});

test("an admin sends a delivered email again", async () => {
  await operator.open(`/admin/outbox?status=done&kind=email&q=${fixture.of.customer}`);
  await button(words("outbox.sendAgain")).first().click();
  await expect(page.getByText(words("outbox.queued"))).toBeVisible();
  await operator.open(`/admin/outbox?q=${fixture.of.customer}`);
  await expect(page.getByText(/:again:/)).toBeVisible();
});

test("an admin replays a dead event and follows the links to what it changed", async () => {
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

test("an admin closes one dead event and replays all others", async () => {
  const [first = ""] = fixture.of.brokenEvents;
  await operator.open(`/admin/events/${first}`);
  await submitReason(button(words("close.act")), "cannot be handled");
  await expect(page.getByText("cannot be handled")).toBeVisible();
  await operator.open("/admin/events?status=dead");
  await confirm(words("deadLetters.replayAll"));
  await expect(page.getByText(/2 replayed: 0 handled/)).toBeVisible();
  await expect(page.getByText(words("deadLetters.text"))).toHaveCount(0);
  await expectAudited("event.close", "cannot be handled");
});

test("an admin previews a distribution, starts it and follows its progress", async () => {
  await fixture.whileGrantsAreBlocked(async (dueUserId) => {
    await openUser(dueUserId);
    await expect(page.getByText(words("user.scheduleStates.overdue"))).toBeVisible();
    await operator.open("/admin/runs");
    await button(words("runs.dryRun")).click();
    await expect(page.getByText(words("runs.dryRunHint"))).toBeVisible();
    await expect(rowWith(`${dueUserId}@people.example`)).toBeVisible();
    await expectAccessible("a dry run");
    await confirm(words("runs.start"));
    await expect(page.getByText(words("runs.running"), { exact: true })).toBeVisible({
      timeout: 30_000,
    });
    await expect(page.getByText(words("runs.dryRunHint"))).toHaveCount(0);
    await expectAccessible("a run under way");
  });
  await expect(page.getByText(words("runs.finished"), { exact: true })).toBeVisible({
    timeout: 60_000,
  });
});

test("an admin retries a failed user until the grant succeeds", async () => {
  await fixture.distribute(page);
  await operator.open("/admin/runs");
  const failing = rowWith(fixture.of.failing);
  await expect(failing.first()).toContainText("the fixture refuses this grant");
  await button(words("failing.retry"), failing).first().click();
  // The first retry fails, because nothing is fixed yet.
  const failedAgain = words("failing.failedAgain", { error: "the fixture refuses this grant" });
  await expect(page.getByText(failedAgain)).toBeVisible();
  await fixture.repairFailing();
  await operator.open("/admin/runs");
  await button(words("failing.retry"), failing).first().click();
  await expect(page.getByText(words("failing.granted", { credits: "50 credits" }))).toBeVisible();
  await expect(failing).toHaveCount(0);
});

test("an admin finds drift by reconciling, and clears it once the books balance", async () => {
  await reconcile();
  const drifted = main().getByRole("link", { name: fixture.of.drifting });
  await expect(drifted).toBeVisible({ timeout: 60_000 });
  await expectAccessible("the overview with drift");
  await drifted.click();
  await expect(page.getByText(words("frozen.title"))).toBeVisible();
  await fixture.repairDrift();
  await submitReason(button(words("frozen.unfreeze")), "fixed by the test");
  await expect(page.getByText(words("frozen.title"))).toHaveCount(0);
  await reconcile();
  await expect(drifted).toHaveCount(0, { timeout: 60_000 });
});

/** Starts a reconciliation and waits for it to finish. */
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
