import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Granted } from "@/app/[locale]/(app)/billing/success/checkout-progress";
import { loadMessages } from "@/i18n/load-messages";

const messages = { en: await loadMessages("en"), "zh-CN": await loadMessages("zh-CN") };
const checkout = {
  status: "granted" as const,
  credits: 200,
  settled: 0,
  available: 320,
  purchase: {
    item: "pack-standard",
    quantity: 1,
    amountCents: 1490,
    currency: "usd",
    receiptUrl: "https://pay.example/receipt",
  },
  expiresAt: "2027-03-02T10:00:00.000Z",
};

function markupOf(locale: "en" | "zh-CN", changes: Partial<typeof checkout> = {}): string {
  return renderToStaticMarkup(
    <NextIntlClientProvider locale={locale} messages={messages[locale]} timeZone="UTC">
      <Granted
        checkout={{ ...checkout, ...changes }}
        isTrial={false}
        userId="mei"
        startHref="/cards"
        itemNames={{ "pack-standard": "Standard pack" }}
      />
    </NextIntlClientProvider>,
  );
}

describe("Granted", () => {
  it.each([
    ["en", "2 Mar 2027", "200 credits"],
    ["zh-CN", "2027年3月2日", "200积分"],
  ] as const)(
    "says what was bought, for what amount and until when (%s)",
    (locale, day, credits) => {
      const markup = markupOf(locale);
      const text = markup.replace(/<[^>]+>/g, " ");
      for (const fact of ["Standard pack", "14.90", credits, day, "320"]) {
        expect(text).toContain(fact);
      }
      expect(markup).toContain('href="https://pay.example/receipt"');
    },
  );
});
