import { NextRequest, NextResponse } from "next/server";
import { describe, expect, it, vi } from "vitest";
import { rememberCurrency } from "@/app/currency/remember-currency";

vi.mock("@/catalog/catalog", () => import("../../billing/currencies/catalog"));

const COOKIE = "qiflow.currency";

function visit(headers: Record<string, string>) {
  const response = NextResponse.next();
  const request = new NextRequest("http://localhost/pricing", { headers });
  rememberCurrency(request, response, { https: false });
  return { currency: response.cookies.get(COOKIE)?.value, headers: response.headers };
}

describe("rememberCurrency", () => {
  it("stores the currency of a visitor's country for static pages", () => {
    const { currency, headers } = visit({ "cf-ipcountry": "JP" });
    expect(currency).toBe("jpy");
    expect(headers.get("cache-control")).toBe("private, no-store");
  });

  it("sets no cookie for the default currency, so that the response can be cached", () => {
    const { currency, headers } = visit({ "accept-language": "en-US" });
    expect(currency).toBeUndefined();
    expect(headers.get("cache-control")).toBeNull();
  });

  it("keeps a visitor's choice", () => {
    const { currency } = visit({ "cf-ipcountry": "JP", cookie: `${COOKIE}=cny` });
    expect(currency).toBeUndefined();
  });

  it("replaces a currency that is not sold any more", () => {
    expect(visit({ "cf-ipcountry": "JP", cookie: `${COOKIE}=gbp` }).currency).toBe("jpy");
  });
});
