import { addDays } from "date-fns";
import { NextIntlClientProvider } from "next-intl";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";
import { PlanCard } from "@/app/[locale]/(app)/billing/plan-card";
import { Plans } from "@/app/[locale]/(marketing)/pricing/plans";
import TermsPage from "@/app/[locale]/(marketing)/terms/page";
import type { Membership } from "@/billing/queries";
import { loadMessages } from "@/i18n/load-messages";
import { formatInstant } from "@/lib/formats";
import type { Locale } from "@/lib/locales";

vi.mock("@/catalog/catalog", () => import("../billing/trial-catalog"));
vi.mock("next-intl/server", () => ({ setRequestLocale: vi.fn(), getTranslations: vi.fn() }));
vi.mock("@/app/[locale]/support-address", () => ({ supportAddress: "support@example.com" }));
vi.mock("@/app/purchase/actions", () => ({ startCheckout: vi.fn() }));
vi.mock("@/app/[locale]/(app)/billing/actions", () => ({ openPortal: vi.fn() }));
vi.mock("next/navigation", () => ({ useRouter: vi.fn() }));
const viewer = vi.hoisted(() => ({ current: null as object | null }));
vi.mock("@/app/[locale]/(marketing)/viewer", () => ({ useViewer: () => viewer.current }));

const messages = { en: await loadMessages("en"), "zh-CN": await loadMessages("zh-CN") };

/** The text that a page shows, in one line. */
function textOf(locale: Locale, children: ReactNode): string {
  const markup = renderToStaticMarkup(
    <NextIntlClientProvider locale={locale} messages={messages[locale]} timeZone="UTC">
      {children}
    </NextIntlClientProvider>,
  );
  return markup
    .replaceAll("&#x27;", "'")
    .replace(/<[^>]+>/g, " ")
    .replace(/\s+/g, " ");
}

describe("the pricing page", () => {
  it("offers a plan's trial with its price and the rule of renewal", () => {
    viewer.current = null;
    const english = textOf("en", <Plans />);
    expect(english).toContain("Try 14 days free, then US$5.00 a month");
    expect(english).toContain(
      "The trial includes 60 credits. Renews for US$5.00 a month unless you cancel",
    );
    expect(english).toContain("Choose Max");
    expect(english).not.toContain("Choose Plus");
    const chinese = textOf("zh-CN", <Plans />);
    expect(chinese).toContain("免费试用14天，之后每月US$5.00");
    expect(chinese).toContain("未取消的，将自动续费");
  });

  it("names the day on which a trial that begins today ends", () => {
    viewer.current = { signedIn: false, trialUsed: false };
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    const day = formatInstant(addDays(new Date(), 14), { locale: "en", timeZone, style: "date" });
    expect(textOf("en", <Plans />)).toContain(`unless you cancel before ${day}.`);
  });

  it("offers the plan without a trial to a viewer who has had one", () => {
    viewer.current = { signedIn: true, trialUsed: true };
    const page = textOf("en", <Plans />);
    expect(page).toContain("Choose Plus");
    expect(page).not.toMatch(/free, then|trial/i);
  });
});

describe("the terms", () => {
  it("state the trial of each plan that has one, and no other", () => {
    const params = Object.assign(Promise.resolve({ locale: "en" }), {
      status: "fulfilled",
      value: { locale: "en" },
    });
    const terms = textOf("en", <TermsPage params={params} />);
    expect(terms).toContain("A first subscription to Plus starts with a free trial of 14 days");
    expect(terms).not.toContain("subscription to Max starts");
  });
});

describe("the billing page in a trial", () => {
  const endsAt = new Date("2026-03-15T10:00:00Z");
  const membership: Membership = {
    plan: "plus-monthly",
    kind: "subscription",
    terms: { amountCents: 500, currency: "usd", credits: 300, interval: "month" },
    upcomingTerms: null,
    scheduled: null,
    boundCurrency: "usd",
    since: new Date("2026-03-01T10:00:00Z"),
    until: endsAt,
    renewsAt: endsAt,
    cancelAt: null,
    status: "trialing",
    trial: { endsAt, credits: 60, firstCharge: { amountCents: 450, currency: "usd" } },
    unpaid: null,
  };
  const card = (changes: Partial<Membership>, locale: Locale = "en") =>
    textOf(
      locale,
      <PlanCard
        membership={{ ...membership, ...changes }}
        nextMonth={null}
        actions={{ switches: [], cancelEndsAt: null, resumes: null, canChangeCard: false }}
        canManage={false}
      />,
    );

  it("shows its end, its credits, and the date and the amount of the first payment", () => {
    const english = card({});
    expect(english).toContain("Plus, monthly");
    expect(english).toContain("60 credits during the trial, then 300 credits a month.");
    expect(english).toContain("Free trial until 15 Mar 2026");
    expect(english).toMatch(/First payment on .*2026 ?: US\$4\.50\. Renews until you cancel\./);
    expect(card({}, "zh-CN")).toMatch(/免费试用至.*首次扣款US\$4\.50，此后自动续费/);
  });

  it("says that nothing is charged once it is cancelled", () => {
    const trial = { endsAt, credits: 60, firstCharge: null };
    const page = card({ cancelAt: endsAt, renewsAt: null, trial });
    expect(page).toMatch(/Ends on .*2026.*You won't be charged\./);
    expect(page).not.toContain("First payment");
  });

  it("says that Stripe is processing the first payment after its end", () => {
    expect(card({ status: "active" })).toContain("Stripe is processing your first payment.");
  });
});
