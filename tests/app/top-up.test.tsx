import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";
import type { NextMonthlyCredits } from "@/app/[locale]/(app)/next-monthly-credits";
import { TopUpChoices } from "@/app/[locale]/(app)/top-up";
import { loadMessages } from "@/i18n/load-messages";
import type { SignInStatus } from "@/rewards/daily-sign-in";

// These read the request or the database, which need a running application.
vi.mock("@/app/purchase/actions", () => ({ startCheckout: vi.fn() }));
vi.mock("@/app/currency/request-currency", () => ({ requestCurrency: vi.fn() }));
vi.mock("@/db", () => ({ db: null }));
vi.mock("next/navigation", () => ({ useRouter: vi.fn() }));

const messages = { en: await loadMessages("en"), "zh-CN": await loadMessages("zh-CN") };
const signIn: SignInStatus = {
  at: new Date("2026-03-02T10:00:00Z"),
  today: "2026-03-02",
  isDone: false,
  isWithheld: false,
  credits: 5,
  streak: 0,
  milestone: { inDays: 7, streak: 7, credits: 20 },
  nextAt: null,
  days: [],
};
const next: NextMonthlyCredits = {
  credits: 50,
  dueAt: new Date("2026-03-30T10:00:00Z"),
  how: "on",
};

function textOf(
  locale: "en" | "zh-CN",
  status: Partial<SignInStatus> = {},
  nextMonth: NextMonthlyCredits | null = next,
): string {
  const markup = renderToStaticMarkup(
    <NextIntlClientProvider locale={locale} messages={messages[locale]} timeZone="UTC">
      <TopUpChoices signIn={{ ...signIn, ...status }} nextMonth={nextMonth} currency="usd" />
    </NextIntlClientProvider>,
  );
  return markup.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
}

describe("TopUpChoices", () => {
  it.each([
    ["en", "Claim 5 credits today", "Next: 50 credits on 30 Mar 2026"],
    ["zh-CN", "签到领5积分", "2026年3月30日 发放50积分"],
  ] as const)(
    "offers today's claim, the next credits and the packs (%s)",
    (locale, claim, date) => {
      const text = textOf(locale);
      expect(text).toContain(claim);
      expect(text).toContain(date);
      expect(text).toContain("US$9.90");
    },
  );

  it("offers no claim once it is done or withheld, and no date without next credits", () => {
    for (const status of [{ isDone: true }, { isWithheld: true }]) {
      expect(textOf("en", status)).not.toContain("Claim");
    }
    expect(textOf("en", {}, null)).not.toContain("Next:");
  });
});
