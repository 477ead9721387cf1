import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { CurrencyLine } from "@/app/[locale]/(marketing)/pricing/currency-line";
import { loadMessages } from "@/i18n/load-messages";

describe("CurrencyLine", () => {
  it.each([
    ["en", "All prices are in US dollars."],
    ["zh-CN", "所有价格均以美元计。"],
  ] as const)(
    "names the only currency of the catalogue and offers no choice in %s",
    async (locale, text) => {
      const markup = renderToStaticMarkup(
        <NextIntlClientProvider
          locale={locale}
          messages={await loadMessages(locale)}
          timeZone="UTC"
        >
          <CurrencyLine />
        </NextIntlClientProvider>,
      );
      expect(markup).toContain(text);
      expect(markup).not.toContain("<select");
    },
  );
});
