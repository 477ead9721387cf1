import { randomUUID } from "node:crypto";
import { type APIRequestContext, expect, test } from "@playwright/test";
import { runningLaptop } from "../setup/running-laptop";
import { callAction, findAction } from "./server-actions";
import { Visitor } from "./visitor";

/** Of `src/app/api/checkout-status`, by user, in ten minutes. */
const STATUS_LIMIT = 120;
/** Of `src/app/purchase/actions.ts`, by user and by address, in ten minutes. */
const CHECKOUTS_BY_USER = 20;
const CHECKOUTS_BY_ADDRESS = 200;
/** Of the auth routes' forms. */
const MAX_FORM_BYTES = 16 * 1024;

test("whoever asks for a payment too often is told when to come back, and nobody else is", async ({
  playwright,
}) => {
  test.setTimeout(120_000);
  const { appUrl } = await runningLaptop();
  const signUp = async () => {
    const person = await playwright.request.newContext({ baseURL: appUrl });
    expect((await person.post("/api/auth/sign-up/email", signUpForm(appUrl))).status()).toBe(200);
    return person;
  };
  const [eager, other] = [await signUp(), await signUp()];
  const ask = (person: APIRequestContext) =>
    person.get("/api/checkout-status?session_id=cs_unknown");
  const answers: number[] = [];
  for (let asked = 0; asked < STATUS_LIMIT; asked += 1) answers.push((await ask(eager)).status());
  expect(answers).toEqual(Array(STATUS_LIMIT).fill(404));
  const refused = await ask(eager);
  expect(refused.status()).toBe(429);
  const seconds = Number(refused.headers()["retry-after"]);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(600);
  expect((await ask(other)).status()).toBe(404);
});

test("checkouts are limited by person and by address, until ten minutes have passed", async ({
  page,
  browser,
}) => {
  test.setTimeout(240_000);
  const { appUrl } = await runningLaptop();
  await passHour(page.request);
  const eager = new Visitor(page, "en");
  await eager.signUp();
  await eager.expectBalance(120);
  const action = {
    id: findAction("src/app/purchase/actions.ts", "startCheckout").id,
    page: `${appUrl}/pricing`,
    input: { item: "pack-basic" },
  };
  const answers: string[] = [];
  for (let begun = 0; begun < CHECKOUTS_BY_ADDRESS; begun += 1) {
    const said = await callAction(page.request, action);
    answers.push(/"code":"(\w+)"/.exec(said)?.[1] ?? (said.includes('"url"') ? "begun" : said));
  }
  const expected = (nth: number) => (nth < CHECKOUTS_BY_USER ? "begun" : "rate_limited");
  expect(answers).toEqual(answers.map((_, nth) => expected(nth)));

  // Somebody else, who has begun none, behind the same address.
  const neighbour = new Visitor(await (await browser.newContext()).newPage(), "en");
  await neighbour.signUp();
  await neighbour.expectBalance(120);
  await neighbour.buyPack("basic");
  const told = neighbour.page.getByRole("row").getByRole("alert");
  // Begun with the first of them, however long all of them took.
  await expect(told).toHaveText(/^Too many attempts\. Try again in \d+ minutes?\.$/);
  await passHour(page.request);
  await neighbour.buyPack("basic");
  await neighbour.pay();
  await neighbour.expectPurchase(220);
});

test("a form of the auth routes that is too long is not read to its end", async ({
  playwright,
}) => {
  const { appUrl } = await runningLaptop();
  const person = await playwright.request.newContext({ baseURL: appUrl });
  const send = (bytes: number) => {
    const { headers, data } = signUpForm(appUrl);
    const form = JSON.stringify(data);
    return person.post("/api/auth/sign-up/email", {
      headers: { ...headers, "content-type": "application/json" },
      data: Buffer.from(form.padEnd(bytes)),
    });
  };
  const refused = await send(MAX_FORM_BYTES + 1);
  expect(refused.status()).toBe(400);
  expect(await refused.json()).toMatchObject({ error: { code: "invalid_input" } });
  expect((await send(MAX_FORM_BYTES)).status()).toBe(200);
});

/** A browser says where a form comes from; one without it is refused for that alone. */
function signUpForm(appUrl: string) {
  const person = {
    name: "Lin Yue",
    email: `${randomUUID()}@people.example`,
    password: randomUUID(),
  };
  return { headers: { origin: new URL(appUrl).origin }, data: person };
}

/** Stripe's clock and the site's with it: what was counted before counts no more. */
async function passHour(request: APIRequestContext): Promise<void> {
  const { simulatorUrl } = await runningLaptop();
  const form = { action: "advance", stride: "hour" };
  expect((await request.post(simulatorUrl, { form })).ok()).toBe(true);
}
