import { describe, expect, it } from "vitest";
import { preferredCurrency } from "@/app/currency/preferred-currency";

const CURRENCIES = ["usd", "cny", "jpy", "eur"];

function preferred(headers: Record<string, string>, cookie?: string): string | undefined {
  return preferredCurrency({ cookie, headers: new Headers(headers) }, CURRENCIES);
}

describe("preferredCurrency", () => {
  it("returns the chosen currency, wherever the visitor is", () => {
    expect(preferred({ "cf-ipcountry": "JP", "accept-language": "zh-CN" }, "eur")).toBe("eur");
  });

  it("prefers the country's currency to that of the browser's languages", () => {
    expect(preferred({ "x-vercel-ip-country": "JP", "accept-language": "zh-CN" })).toBe("jpy");
  });

  it.each([
    ["zh-CN,zh;q=0.9,en-US;q=0.8", "cny"],
    ["zh-Hans-CN", "cny"],
    ["en-US;q=0.3, ja-JP;q=0.7", "jpy"],
    ["de-AT", "eur"],
    ["ko-KR,en-US;q=0.5", "usd"],
  ])("is that of the first region of %j that has one", (languages, expected) => {
    expect(preferred({ "accept-language": languages })).toBe(expected);
  });

  it.each([
    ["a country without one", { "cf-ipcountry": "KR" }],
    ["a country that is not known", { "cf-ipcountry": "XX" }],
    ["languages without a region", { "accept-language": "zh,ja;q=0.9,*;q=0.1" }],
    ["nothing", {}],
  ])("is the first for %s", (_, headers) => {
    expect(preferred(headers)).toBe("usd");
  });

  it("ignores a cookie that names no currency of the catalogue", () => {
    expect(preferred({ "accept-language": "ja-JP" }, "gbp")).toBe("jpy");
    expect(preferred({}, '"><script>')).toBe("usd");
  });
});
