import { expect, test } from "@playwright/test";
import { LOCALES, Visitor } from "./visitor";

for (const locale of LOCALES) {
  test(`sign in for the day: ten clicks and two tabs, once (${locale})`, async ({ page }) => {
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
    // Faster than any screen can follow: all ten in one go.
    await claim.evaluate((button) => {
      for (let click = 0; click < 10; click++)
        button.dispatchEvent(new MouseEvent("click", { bubbles: true }));
    });
    await expect(page.getByRole("button", { name: t("done") })).toBeDisabled();
    await visitor.expectBalance(125);
    await expect(page.getByText(t("streakDays", { days: 1 }), { exact: true })).toBeVisible();
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

test("ten requests at once grant once, and every one answers with today's sign-in", async ({
  page,
}) => {
  const visitor = new Visitor(page, "en");
  await visitor.signUp();
  await visitor.expectBalance(120);
  const ask = () => page.request.post("/api/credits/daily-signin");
  const answers = await Promise.all(Array.from({ length: 10 }, ask));
  const statuses = answers.map((answer) => answer.status());
  expect(statuses.filter((status) => status === 201)).toHaveLength(1);
  expect(statuses.filter((status) => status === 200)).toHaveLength(9);
  for (const answer of answers) {
    expect(await answer.json()).toMatchObject({
      ...{ signIn: { streak: 1, credits: 5 }, status: { isDone: true, streak: 1 } },
    });
  }
  const status = await page.request.get("/api/credits/daily-signin/status");
  expect(await status.json()).toMatchObject({ status: { isDone: true, milestone: { inDays: 6 } } });
  await visitor.open("/dashboard");
  await visitor.expectBalance(125);
});

test("nobody else may: not a stranger, not another site's page, and not without end", async ({
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

  let refused = await page.request.post(path);
  for (let tries = 0; tries < 80 && refused.status() !== 429; tries++) {
    refused = await page.request.post(path);
  }
  expect(refused.status()).toBe(429);
  expect(Number(refused.headers()["retry-after"])).toBeGreaterThan(0);
});
