import { expect, test } from "@playwright/test";
import { currencyStyles } from "@/app/currency/currency-styles";

const CURRENCIES = ["usd", "cny", "jpy"];

const PAGE = `<!doctype html><html><style>${currencyStyles(CURRENCIES)}</style><body>
${["plans", "packs"].map((id) => `<p id="${id}">${CURRENCIES.map((one) => `<span data-in="${one}">${one}</span>`).join("")}</p>`).join("")}`;

/** The catalogue of the other browser tests has one currency, so this test has a page of its own. */
test("a page shows the chosen currency, and a subscriber's plans in the subscription's", async ({
  page,
}) => {
  await page.setContent(PAGE);
  const choose = (currency: string) =>
    page.evaluate((one) => document.documentElement.setAttribute("data-currency", one), currency);
  const shown = async () => [
    await page.locator("#plans").innerText(),
    await page.locator("#packs").innerText(),
  ];
  expect(await shown()).toEqual(["usd", "usd"]);
  await choose("jpy");
  expect(await shown()).toEqual(["jpy", "jpy"]);
  await choose("gbp");
  expect(await shown()).toEqual(["usd", "usd"]);
  await choose("jpy");
  for (const bound of CURRENCIES) {
    await page
      .locator("#plans")
      .evaluate((plans, one) => plans.setAttribute("data-bound", one), bound);
    expect(await shown()).toEqual([bound, "jpy"]);
  }
});
