import { NextIntlClientProvider } from "next-intl";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";
import { PackTable } from "@/app/purchase/pack-table";
import { toLiveBalance } from "@/components/balance/to-live-balance";
import { loadMessages } from "@/i18n/load-messages";
import type { Locale } from "@/lib/locales";

vi.mock("@/catalog/catalog", () => import("../support/catalog"));
vi.mock("@/app/purchase/actions", () => ({ startCheckout: vi.fn() }));
const viewer = vi.hoisted(() => ({ current: null as object | null }));
vi.mock("@/app/[locale]/(marketing)/viewer", () => ({ useViewer: () => viewer.current }));

const messages = { en: await loadMessages("en"), "zh-CN": await loadMessages("zh-CN") };

function packs(locale: Locale, debt: number | null): string {
  return renderToStaticMarkup(
    <NextIntlClientProvider locale={locale} messages={messages[locale]} timeZone="UTC">
      <PackTable currencies={["usd"]} debt={debt} />
    </NextIntlClientProvider>,
  ).replace(/<[^>]+>/g, " ");
}

describe("PackTable", () => {
  it("says before the purchase what a buyer's debt takes of each pack", () => {
    expect(packs("en", 100)).toContain(
      "100 of these credits pay off your debt. You will have 0 left.",
    );
    expect(packs("en", 100)).toContain(
      "100 of these credits pay off your debt. You will have 900 left.",
    );
    expect(packs("en", 1200)).toContain(
      "1,000 of these credits pay off your debt. You will have 0 left.",
    );
    expect(packs("zh-CN", 30)).toContain("其中30积分用于抵扣待扣积分，剩余70积分。");
    expect(packs("en", 0)).not.toContain("debt");
  });

  it("asks the viewer's debt on a static page", () => {
    viewer.current = null;
    expect(packs("en", null)).not.toContain("debt");
    viewer.current = { debt: 30 };
    expect(packs("en", null)).toContain(
      "30 of these credits pay off your debt. You will have 70 left.",
    );
  });
});

describe("toLiveBalance", () => {
  it("returns debt beside a balance that is never negative", () => {
    const balance = { available: -100, held: 0, debt: 100, nextExpiry: null };
    const live = toLiveBalance({ ...balance, frozen: false, nextAllotment: null }, new Date(0));
    expect(live).toMatchObject({ available: 0, debt: 100 });
  });
});
