import { NextIntlClientProvider } from "next-intl";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";
import { FirstSteps } from "@/app/[locale]/(app)/dashboard/first-steps";
import { SignInCard } from "@/app/[locale]/(app)/dashboard/sign-in-card";
import { loadMessages } from "@/i18n/load-messages";
import type { SignInStatus } from "@/rewards/daily-sign-in";

vi.mock("next/navigation", () => ({ useRouter: vi.fn() }));

const messages = { en: await loadMessages("en"), "zh-CN": await loadMessages("zh-CN") };

function markupOf(locale: "en" | "zh-CN", children: ReactNode): string {
  return renderToStaticMarkup(
    <NextIntlClientProvider locale={locale} messages={messages[locale]} timeZone="UTC">
      {children}
    </NextIntlClientProvider>,
  );
}

const status: SignInStatus = {
  at: new Date("2026-03-02T10:00:00Z"),
  today: "2026-03-02",
  isDone: false,
  isWithheld: false,
  credits: 5,
  streak: 2,
  milestone: { inDays: 5, streak: 7, credits: 20 },
  nextAt: null,
  days: ["2026-03-01"],
};

describe("SignInCard", () => {
  it.each([
    ["en", "Today: 5 credits. Streak: 2 days.", "20 credits on day 7, 5 days to go"],
    ["zh-CN", "今天5积分，连续签到：2天。", "第7天20积分，还差5天"],
  ] as const)("is one row, and its calendar is folded (%s)", (locale, row, bonus) => {
    const markup = markupOf(locale, <SignInCard status={status} timeZone="UTC" />);
    const [shown = "", folded = ""] = markup.split("<details");
    expect(shown).toContain(row);
    expect(shown).toContain(bonus);
    expect(shown).not.toContain("<table");
    expect(folded).toContain("<table");
    expect(folded).not.toMatch(/^[^>]*open/);
  });
});

describe("FirstSteps", () => {
  it("leads a new user to the product, and disappears once it was used", () => {
    const steps = (hasUsed: boolean) =>
      markupOf("en", <FirstSteps isVerified={false} hasUsed={hasUsed} hasClaimed />);
    expect(steps(false)).toMatch(
      /href="\/bazi\/new".*Spend your first credits.*Verify your email.*done/s,
    );
    expect(steps(true)).toBe("");
  });
});
