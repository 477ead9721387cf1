import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { currencyStyles } from "@/app/currency/currency-styles";

const CURRENCIES = ["usd", "cny", "jpy"];
const prices = CURRENCIES.map((one) => `<span data-in="${one}">${one}</span>`).join("");
const options = CURRENCIES.map((one) => `<option>${one}</option>`).join("");

/** The catalogue of the other browser tests may have one currency, so this test has its own page. */
const PAGE = `<!doctype html><style>${currencyStyles(CURRENCIES)}</style><body>
<script src="/currency.js"></script><p id="plans">${prices}</p><p id="packs">${prices}</p>
<select data-currency-choice>${options}</select>`;

test("a page shows the chosen currency, and a subscriber's plans in the subscription's", async ({
  page,
  context,
}) => {
  await page.route("http://currencies.example/*", (route) =>
    route.fulfill(
      route.request().url().endsWith(".js")
        ? { contentType: "text/javascript", body: readFileSync("public/currency.js", "utf8") }
        : { contentType: "text/html", body: PAGE },
    ),
  );
  const open = () => page.goto("http://currencies.example/");
  const shown = async () => [
    await page.locator("#plans").innerText(),
    await page.locator("#packs").innerText(),
    await page.locator("select").inputValue(),
  ];
  await open();
  expect(await shown()).toEqual(["usd", "usd", "usd"]);
  await page.locator("select").selectOption("jpy");
  expect(await shown()).toEqual(["jpy", "jpy", "jpy"]);
  await open();
  expect(await shown()).toEqual(["jpy", "jpy", "jpy"]);

  for (const bound of CURRENCIES) {
    await page
      .locator("#plans")
      .evaluate((plans, one) => plans.setAttribute("data-currency", one), bound);
    expect(await shown()).toEqual([bound, "jpy", "jpy"]);
  }

  const [cookie] = await context.cookies();
  await context.addCookies(cookie === undefined ? [] : [{ ...cookie, value: "gbp" }]);
  await open();
  expect(await shown()).toEqual(["usd", "usd", "usd"]);
});
