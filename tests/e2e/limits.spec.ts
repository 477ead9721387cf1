import { randomUUID } from "node:crypto";
import { type APIRequestContext, expect, test } from "@playwright/test";
import { SUPPLY_CONSENT_VERSION } from "@/billing/consumer-rights/supply-consent";
import { findRunningApp } from "../setup/running-app";
import { callAction, findAction } from "./server-actions";
import { Visitor } from "./visitor";

/** The limit of `src/app/api/checkout-status` per user and ten minutes. */
const STATUS_LIMIT = 120;
/** The limits of `src/app/purchase/actions.ts` per user and per IP address in ten minutes. */
const CHECKOUTS_BY_USER = 20;
const CHECKOUTS_BY_ADDRESS = 200;
/** The body limit of the auth routes. */
const MAX_FORM_BYTES = 16 * 1024;

test("the checkout status returns 429 with Retry-After to the user who exceeds the limit", async ({
  playwright,
}) => {
  test.setTimeout(120_000);
  const { appUrl } = await findRunningApp();
  const signUp = async () => {
    const person = await playwright.request.newContext({ baseURL: appUrl });
    expect((await person.post("/api/auth/sign-up/email", signUpForm(appUrl))).status()).toBe(200);
    return person;
  };
  const [eager, other] = [await signUp(), await signUp()];
  const getStatus = (person: APIRequestContext) =>
    person.get("/api/checkout-status?session_id=cs_unknown");
  const statuses: number[] = [];
  for (let sent = 0; sent < STATUS_LIMIT; sent += 1)
    statuses.push((await getStatus(eager)).status());
  expect(statuses).toEqual(Array(STATUS_LIMIT).fill(404));
  const rejected = await getStatus(eager);
  expect(rejected.status()).toBe(429);
  const seconds = Number(rejected.headers()["retry-after"]);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(600);
  expect((await getStatus(other)).status()).toBe(404);
});

test("checkouts are limited per user and per IP address until the window has passed", async ({
  page,
  browser,
}) => {
  test.setTimeout(240_000);
  const { appUrl } = await findRunningApp();
  await passHour(page.request);
  const eager = new Visitor(page, "en");
  await eager.signUp();
  await eager.expectBalance(120);
  const action = {
    id: findAction("src/app/purchase/actions.ts", "startCheckout").id,
    page: `${appUrl}/pricing`,
    input: { item: "pack-basic", consent: SUPPLY_CONSENT_VERSION },
  };
  const outcomes: string[] = [];
  for (let sent = 0; sent < CHECKOUTS_BY_ADDRESS; sent += 1) {
    const stream = await callAction(page.request, action);
    outcomes.push(
      /"code":"(\w+)"/.exec(stream)?.[1] ?? (stream.includes('"url"') ? "started" : stream),
    );
  }
  const expected = (nth: number) => (nth < CHECKOUTS_BY_USER ? "started" : "rate_limited");
  expect(outcomes).toEqual(outcomes.map((_, nth) => expected(nth)));

  // Another user behind the same address, without any checkout of their own.
  const neighbour = new Visitor(await (await browser.newContext()).newPage(), "en");
  await neighbour.signUp();
  await neighbour.expectBalance(120);
  await neighbour.buyPack("basic");
  const alert = neighbour.page.getByRole("row").getByRole("alert");
  // The window started with the first checkout, so the remaining minutes vary.
  await expect(alert).toHaveText(/^Too many attempts\. Try again in \d+ minutes?\.$/);
  await passHour(page.request);
  await neighbour.buyPack("basic");
  await neighbour.pay();
  await neighbour.expectPurchase(220);
});

test("the auth routes reject a body above the limit", async ({ playwright }) => {
  const { appUrl } = await findRunningApp();
  const person = await playwright.request.newContext({ baseURL: appUrl });
  const send = (bytes: number) => {
    const { headers, data } = signUpForm(appUrl);
    const form = JSON.stringify(data);
    return person.post("/api/auth/sign-up/email", {
      headers: { ...headers, "content-type": "application/json" },
      data: Buffer.from(form.padEnd(bytes)),
    });
  };
  const rejected = await send(MAX_FORM_BYTES + 1);
  expect(rejected.status()).toBe(400);
  expect(await rejected.json()).toMatchObject({ error: { code: "invalid_input" } });
  expect((await send(MAX_FORM_BYTES)).status()).toBe(200);
});

/** Browsers send an Origin header. A form without it would be rejected for that reason alone. */
function signUpForm(appUrl: string) {
  const person = {
    name: "Lin Yue",
    email: `${randomUUID()}@people.example`,
    password: randomUUID(),
  };
  return { headers: { origin: new URL(appUrl).origin }, data: person };
}

/** Advances the clocks of Stripe and the site by an hour, so that all windows expire. */
async function passHour(request: APIRequestContext): Promise<void> {
  const { simulatorUrl } = await findRunningApp();
  const form = { action: "advance", stride: "hour" };
  expect((await request.post(simulatorUrl, { form })).ok()).toBe(true);
}
