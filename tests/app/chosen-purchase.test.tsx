import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";
import { chosenItem } from "@/app/purchase/buy-parameter";
import { PurchaseSteps } from "@/app/purchase/chosen-purchase";
import { loadMessages } from "@/i18n/load-messages";

// It reads the request.
vi.mock("@/app/currency/request-currency", () => ({ requestCurrency: vi.fn() }));

const messages = { en: await loadMessages("en"), "zh-CN": await loadMessages("zh-CN") };

function textOf(locale: "en" | "zh-CN", destination: string): string {
  const item = chosenItem(destination);
  if (item === null) return "";
  return renderToStaticMarkup(
    <NextIntlClientProvider locale={locale} messages={messages[locale]} timeZone="UTC">
      <PurchaseSteps item={item} currency="usd" step="account" />
    </NextIntlClientProvider>,
  ).replace(/<[^>]+>/g, "");
}

describe("PurchaseSteps", () => {
  it("keeps a visitor's choice, its price and the next steps through sign-up", () => {
    expect(textOf("en", "/pricing?buy=pro-monthly")).toBe(
      "Pro, US$9.90 a month. Next: your account, then payment.",
    );
    expect(textOf("zh-CN", "/zh/pricing?buy=pro-yearly")).toBe(
      "专业版，每年US$99.00。 接下来：创建账户，然后付款。",
    );
    expect(textOf("en", "/pricing?buy=pack-basic")).toMatch(/, US\$9\.90\. Next:/);
  });

  it("says nothing without a choice that is for sale", () => {
    for (const path of ["/dashboard", "/pricing", "/pricing?buy=nothing", "/x?buy=pro-monthly"]) {
      expect(chosenItem(path)).toBeNull();
    }
  });
});
