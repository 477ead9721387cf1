import { NextIntlClientProvider } from "next-intl";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Money } from "@/components/money";
import { ReaderZoneProvider } from "@/components/reader-zone";
import { Field } from "@/components/ui/field";
import { Input } from "@/components/ui/input";
import { loadMessages } from "@/i18n/load-messages";
import type { Locale } from "@/lib/locales";

const messages = { en: await loadMessages("en"), "zh-CN": await loadMessages("zh-CN") };

function markup(locale: Locale, children: ReactNode): string {
  return renderToStaticMarkup(
    <NextIntlClientProvider locale={locale} messages={messages[locale]} timeZone="UTC">
      {children}
    </NextIntlClientProvider>,
  );
}

const text = (locale: Locale, children: ReactNode) =>
  markup(locale, children).replace(/<[^>]+>/g, "");

describe("Credits", () => {
  it.each([
    [1000, false, "1,000 credits", "1,000积分"],
    [1, false, "1 credit", "1积分"],
    [0, false, "0 credits", "0积分"],
    [-0, false, "0 credits", "0积分"],
    [50, true, "+50 credits", "+50积分"],
    [-10, true, "−10 credits", "−10积分"],
    [-1, false, "−1 credit", "−1积分"],
  ])("shows %i with its unit (signed: %s)", (amount, signed, english, chinese) => {
    const credits = <Credits amount={amount} signed={signed} />;
    expect(text("en", credits)).toBe(english);
    expect(text("zh-CN", credits)).toBe(chinese);
  });

  it("throws for an amount that is not a whole number", () => {
    expect(() => markup("en", <Credits amount={1.5} />)).toThrow(/not a whole number/);
  });
});

describe("Money", () => {
  it.each([
    [990, "usd", "US$9.90"],
    [-1490, "usd", "−US$14.90"],
    [1200, "jpy", "JP¥1,200"],
  ])("shows %i %s with its currency", (amountCents, currency, expected) => {
    expect(text("en", <Money amountCents={amountCents} currency={currency} />)).toBe(expected);
  });

  it.each([
    [50_000, "isk", "ISK 500", "ISK 500"],
    [50_050, "isk", "ISK 500.50", "ISK 500.50"],
    [50_000, "ugx", "UGX 500", "UGX 500"],
    [500, "jpy", "JP¥500", "JP¥500"],
    [500, "krw", "₩500", "₩500"],
    [1_234, "kwd", "KWD 1.234", "KWD 1.234"],
    [199_050, "huf", "HUF 1,990.50", "HUF 1,990.50"],
    [9_900_000, "idr", "IDR 99,000.00", "IDR 99,000.00"],
    [990, "usd", "US$9.90", "US$9.90"],
    [6_800, "cny", "CN¥68.00", "¥68.00"],
  ])("divides %i %s by the unit on Stripe's list", (amountCents, currency, english, chinese) => {
    const money = <Money amountCents={amountCents} currency={currency} />;
    expect(text("en", money).replaceAll("\u00a0", " ")).toBe(english);
    expect(text("zh-CN", money).replaceAll("\u00a0", " ")).toBe(chinese);
  });
});

describe("DateTime", () => {
  const instant = new Date("2026-03-02T22:30:15Z");

  it("shows UTC in server-rendered HTML, with the exact instant on hover", () => {
    const html = markup("en", <DateTime instant={instant} />);
    expect(html).toContain('dateTime="2026-03-02T22:30:15.000Z"');
    expect(html).toContain(">2 Mar 2026, 22:30<");
    expect(html).toMatch(/title="Monday,? 2 March 2026 at 22:30:15 GMT.* \(UTC\)"/);
  });

  it("shows the day of the given time zone", () => {
    const shanghai = <DateTime instant={instant} kind="date" timeZone="Asia/Shanghai" />;
    expect(text("en", shanghai)).toBe("3 Mar 2026");
    expect(text("zh-CN", shanghai)).toBe("2026年3月3日");
  });

  it("shows the account's zone below a provider, named in the reader's language on hover", () => {
    const html = markup(
      "zh-CN",
      <ReaderZoneProvider timeZone="Asia/Shanghai">
        <DateTime instant={instant} />
      </ReaderZoneProvider>,
    );
    expect(html).toContain(">2026年3月3日 06:30<");
    expect(html).toMatch(/title="[^"]*（中国标准时间）\n[^"]*（UTC）"/);
  });

  it("falls back to UTC for an unknown time zone", () => {
    expect(text("en", <DateTime instant={instant} kind="date" timeZone="Mars/Base" />)).toBe(
      "2 Mar 2026",
    );
  });
});

describe("Field", () => {
  it("connects label, error and hint to the control in server-rendered HTML", () => {
    const html = markup(
      "en",
      <Field label="Name" hint="As on your passport" error="Give a name">
        <Input name="name" />
      </Field>,
    );
    const id = /<input[^>]* id="([^"]+)"/.exec(html)?.[1] ?? "missing";
    expect(html).toContain(`for="${id}"`);
    expect(html).toContain(`aria-describedby="${id}-error ${id}-hint"`);
    expect(html).toContain('aria-invalid="true"');
    expect(html).toContain(`id="${id}-error"`);
    expect(html).toContain(`id="${id}-hint"`);
  });

  it("adds no description and no invalid state without hint and error", () => {
    const html = markup(
      "en",
      <Field label="Name">
        <Input name="name" />
      </Field>,
    );
    expect(html).not.toContain("aria-describedby");
    expect(html).not.toContain('aria-invalid="');
  });
});
