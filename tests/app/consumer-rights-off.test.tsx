import { NextIntlClientProvider } from "next-intl";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";
import RefundsPage from "@/app/[locale]/(marketing)/refunds/page";
import TermsPage from "@/app/[locale]/(marketing)/terms/page";
import { useCheckoutTexts } from "@/app/purchase/checkout-texts";
import { requireConsent } from "@/billing/consumer-rights/supply-consent";
import { SiteFooter } from "@/components/layout/site-footer";
import { loadMessages } from "@/i18n/load-messages";
import { LOCALES, type Locale } from "@/lib/locales";

vi.mock("@/catalog/catalog", async () => {
  const { catalog } = await import("../support/catalog");
  return { catalog: { ...catalog, consumerRights: null } };
});
vi.mock("next-intl/server", () => ({ setRequestLocale: vi.fn(), getTranslations: vi.fn() }));
vi.mock("@/app/[locale]/support-address", () => ({ supportAddress: "support@example.com" }));
vi.mock("@/components/layout/locale-switch", () => ({ LocaleSwitch: () => null }));
vi.mock("@/app/purchase/actions", () => ({ startCheckout: vi.fn() }));

const messages = { en: await loadMessages("en"), "zh-CN": await loadMessages("zh-CN") };

function markupOf(locale: Locale, children: ReactNode): string {
  return renderToStaticMarkup(
    <NextIntlClientProvider locale={locale} messages={messages[locale]} timeZone="UTC">
      {children}
    </NextIntlClientProvider>,
  );
}

function paramsOf(locale: Locale) {
  const value = { locale };
  return Object.assign(Promise.resolve(value), { status: "fulfilled", value });
}

/** What the buy buttons ask. */
function Consent() {
  return JSON.stringify(useCheckoutTexts().consent);
}

describe.each(LOCALES)("a catalogue without consumer rights in %s", (locale) => {
  const { legal, common } = messages[locale];

  it("leaves no trace in the footer, the terms and the refund policy", () => {
    const pages = [
      markupOf(locale, <SiteFooter supportAddress="support@example.com" />),
      markupOf(locale, <TermsPage params={paramsOf(locale)} />),
      markupOf(locale, <RefundsPage params={paramsOf(locale)} />),
    ];
    const before = (text: string) => text.split("{")[0] ?? "";
    for (const page of pages) {
      expect(page).not.toContain(common.footer.withdraw);
      expect(page).not.toContain(legal.terms.sections.withdrawal.title);
      expect(page).not.toContain('id="withdraw"');
      expect(page).not.toMatch(/before each renewal|每次续费前/);
    }
    expect(pages[1]).toContain(before(legal.terms.sections.plans.title));
  });

  it("asks for no consent and stores none", () => {
    expect(markupOf(locale, <Consent />)).toBe("null");
    expect(requireConsent(undefined)).toBeNull();
    expect(requireConsent({ version: 1, text: "any" })).toBeNull();
  });
});
