import { NextIntlClientProvider } from "next-intl";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { CurrencyLine } from "@/app/[locale]/(marketing)/pricing/currency-line";
import { Plans } from "@/app/[locale]/(marketing)/pricing/plans";
import { PackTable } from "@/app/purchase/pack-table";
import { CURRENCIES, ITEMS, itemName } from "@/catalog/items";
import { loadMessages } from "@/i18n/load-messages";
import { currencyName, formatMoney } from "@/lib/formats";
import { LOCALES, type Locale } from "@/lib/locales";
import { BillingFixture } from "../billing-fixture";

vi.mock("@/catalog/catalog", () => import("./catalog"));
vi.mock("@/app/purchase/actions", () => ({ startCheckout: vi.fn() }));

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterAll(() => fixture.close());

async function render(locale: Locale, children: ReactNode): Promise<string> {
  const messages = await loadMessages(locale);
  return renderToStaticMarkup(
    <NextIntlClientProvider locale={locale} messages={messages} timeZone="UTC">
      {children}
    </NextIntlClientProvider>,
  );
}

/** The text that the page's styles show in this currency. */
function textIn(currency: string, markup: string): string {
  let hiddenDepth = 0;
  let text = "";
  for (const [, tag = "", words = ""] of markup.matchAll(/(<[^>]+>)|([^<]+)/g)) {
    const isHidden = tag.includes("data-in=") && !tag.includes(`data-in="${currency}"`);
    if (tag === "") text += hiddenDepth === 0 ? words : "";
    else if (isHidden || hiddenDepth > 0) {
      if (tag.startsWith("<span")) hiddenDepth += 1;
      if (tag.startsWith("</span")) hiddenDepth -= 1;
    }
  }
  return text;
}

describe.each(LOCALES)("the prices on the pages in %s", (locale) => {
  it.each(CURRENCIES)("equal the amounts on Stripe's page in %s", async (currency) => {
    const pricing = await render(locale, [
      <Plans key="plans" />,
      <PackTable key="packs" currencies={CURRENCIES} debt={null} />,
    ]);
    const billing = await render(locale, <PackTable currencies={[currency]} debt={0} />);
    const userId = await fixture.signUp();
    // The first markup has the monthly cards of plans that are also sold by the year.
    for (const item of ITEMS.filter(({ interval }) => interval !== "year")) {
      const sessionId = await fixture.openCheckout(userId, item.id, { currency });
      const session = await fixture.billing.stripe.checkout.sessions.retrieve(sessionId);
      const asked = formatMoney(session.amount_total ?? 0, session.currency ?? "", locale);
      const name = itemName(item.kind === "pack" ? item.id : item.planId, locale);
      const [, shown] = textIn(currency, pricing).split(name);
      expect(shown, item.id).toContain(asked);
      if (item.kind === "pack") expect(billing.split(name)[1], item.id).toContain(asked);
    }
  });

  it("can be chosen in each currency", async () => {
    const markup = await render(locale, <CurrencyLine />);
    expect(markup.match(/<option/g)).toHaveLength(CURRENCIES.length);
    for (const currency of CURRENCIES) {
      expect(markup).toContain(currencyName(currency, locale));
      expect(markup).toContain(`<option value="${currency}">`);
    }
  });

  it("are shown in one currency at a time", async () => {
    const markup = await render(locale, <Plans />);
    for (const currency of CURRENCIES) {
      const others = CURRENCIES.filter((one) => one !== currency);
      for (const other of others) {
        expect(textIn(currency, markup)).not.toContain(formatMoney(0, other, locale));
      }
      expect(textIn(currency, markup)).toContain(formatMoney(0, currency, locale));
    }
  });
});
