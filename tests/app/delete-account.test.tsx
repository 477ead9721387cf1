import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";
import { LostCredits } from "@/app/[locale]/(app)/settings/delete-account-card";
import { loadMessages } from "@/i18n/load-messages";

// The card calls a server action, which needs a running application.
vi.mock("@/app/[locale]/(app)/settings/actions", () => ({ deleteMyAccount: vi.fn() }));

const messages = { en: await loadMessages("en"), "zh-CN": await loadMessages("zh-CN") };

function textOf(locale: "en" | "zh-CN", lost: { credits: number; paid: number }): string {
  return renderToStaticMarkup(
    <NextIntlClientProvider locale={locale} messages={messages[locale]} timeZone="UTC">
      <LostCredits lost={lost} />
    </NextIntlClientProvider>,
  ).replace(/<[^>]+>/g, "");
}

describe("LostCredits", () => {
  it("says how many credits are lost, and how many of them were paid for", () => {
    const lost = { credits: 220, paid: 100 };
    expect(textOf("en", lost)).toBe("You lose 220 credits. You paid for 100 of them.");
    expect(textOf("zh-CN", lost)).toBe("您将失去220积分，其中100积分为付费购买。");
    expect(textOf("en", { credits: 120, paid: 0 })).toBe("You lose 120 credits.");
    expect(textOf("en", { credits: 0, paid: 0 })).toBe("");
  });
});
