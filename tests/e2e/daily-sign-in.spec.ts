import { expect, test } from "@playwright/test";
import { LOCALES, Visitor } from "./visitor";

for (const locale of LOCALES) {
  test(`ten clicks grant the daily sign-in once and update the other tab (${locale})`, async ({
    page,
  }) => {
    const visitor = new Visitor(page, locale);
    const t = visitor.words("signin");
    await visitor.signUp();
    await visitor.expectBalance(120);

    await visitor.open("/dashboard");
    const other = new Visitor(await page.context().newPage(), locale);
    await other.open("/dashboard");
    await other.expectBalance(120);

    const claim = page.getByRole("button", { name: t("claim"), exact: true });
    await expect(claim).toBeVisible();
    // All ten clicks arrive before the next render.
    await claim.evaluate((button) => {
      for (let click = 0; click < 10; click++)
        button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    });
    await expect(page.getByRole("button", { name: t("done") })).toBeDisabled();
    await visitor.expectBalance(125);
    await expect(page.getByText(t("streakDays", { days: 1 }))).toBeVisible();
    await expect(page.getByRole("cell", { name: t("signedIn") })).toHaveCount(0);
    await page.getByText(t("details")).click();
    await expect(page.getByRole("cell", { name: t("signedIn") })).toHaveCount(1);

    await other.page.bringToFront();
    await other.expectBalance(125);
    await expect(other.page.getByRole("button", { name: t("done") })).toBeDisabled();

    const label = visitor.words("credits")("types.DAILY_SIGNIN.label");
    await visitor.open("/credits?type=DAILY_SIGNIN");
    const ledger = page.getByRole("region", {
      name: visitor.words("credits")("ledger.caption"),
    });
    await expect(ledger.getByText(label)).toHaveCount(1);
  });
}

test("ten concurrent requests grant once and all return today's sign-in", async ({ page }) => {
  const visitor = new Visitor(page, "en");
  await visitor.signUp();
  await visitor.expectBalance(120);
  const post = () => page.request.post("/api/credits/daily-signin");
  const responses = await Promise.all(Array.from({ length: 10 }, post));
  const statuses = responses.map((response) => response.status());
  expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  expect(statuses.filter((status) => status === 200)).toHaveLength(9);
  for (const response of responses) {
    expect(await response.json()).toMatchObject({
      signIn: { streak: 1, credits: 5 },
      status: { isDone: true, streak: 1 },
    });
  }
  const status = await page.request.get("/api/credits/daily-signin/status");
  expect(await status.json()).toMatchObject({ status: { isDone: true, milestone: { inDays: 6 } } });
  await visitor.open("/dashboard");
  await visitor.expectBalance(125);
});

test("the daily sign-in rejects strangers, cross-site requests and too many requests", async ({
  page,
  request,
}) => {
  const path = "/api/credits/daily-signin";
  expect((await request.post(path)).status()).toBe(401);
  expect((await request.get(`${path}/status`)).status()).toBe(401);

  const visitor = new Visitor(page, "en");
  await visitor.signUp();
  await visitor.expectBalance(120);
  const foreign = await page.request.post(path, { headers: { "sec-fetch-site": "cross-site" } });
  expect(foreign.status()).toBe(403);
  await visitor.expectBalance(120);

  let rejected = await page.request.post(path);
  for (let tries = 0; tries < 80 && rejected.status() !== 429; tries++) {
    rejected = await page.request.post(path);
  }
  expect(rejected.status()).toBe(429);
  expect(Number(rejected.headers()["retry-after"])).toBeGreaterThan(0);
});
