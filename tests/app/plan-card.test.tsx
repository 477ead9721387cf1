import { NextIntlClientProvider } from "next-intl";
import type { ReactNode } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it, vi } from "vitest";
import { PlanCard, PortalResult } from "@/app/[locale]/(app)/billing/plan-card";
import type { PlanActions } from "@/billing/plan-changes/plan-actions";
import type { Membership } from "@/billing/queries";
import { findItem } from "@/catalog/items";
import { loadMessages } from "@/i18n/load-messages";
import { LOCALES } from "@/lib/locales";

// The buttons call server actions, which need a running application.
vi.mock("@/app/[locale]/(app)/billing/actions", () => ({ openPortal: vi.fn() }));
vi.mock("@/app/purchase/actions", () => ({ startCheckout: vi.fn() }));
vi.mock("next/navigation", () => ({ useRouter: vi.fn() }));

const messages = { en: await loadMessages("en"), "zh-CN": await loadMessages("zh-CN") };
const renewsAt = new Date("2027-01-05T10:00:00Z");
const terms = { amountCents: 790, currency: "usd", credits: 600, interval: "month" } as const;
const subscribed: Membership = {
  plan: "pro-monthly",
  kind: "subscription",
  terms,
  upcomingTerms: null,
  scheduled: null,
  since: new Date("2026-12-05T10:00:00Z"),
  until: renewsAt,
  renewsAt,
  cancelAt: null,
  status: "active",
  trial: null,
  unpaid: null,
  boundCurrency: "usd",
};

const noActions: PlanActions = {
  switches: [],
  cancelEndsAt: null,
  resumes: null,
  canChangeCard: false,
};

function textOf(
  locale: (typeof LOCALES)[number],
  membership: Membership,
  actions: PlanActions = noActions,
): string {
  return render(
    locale,
    <PlanCard membership={membership} nextMonth={null} actions={actions} canManage />,
  );
}

function render(locale: (typeof LOCALES)[number], children: ReactNode): string {
  return renderToStaticMarkup(
    <NextIntlClientProvider locale={locale} messages={messages[locale]} timeZone="UTC">
      {children}
    </NextIntlClientProvider>,
  ).replace(/<[^>]+>/g, " ");
}

describe("PlanCard", () => {
  it.each(LOCALES)("shows the terms that were paid for (%s)", (locale) => {
    const text = textOf(locale, subscribed);
    expect(text).toContain("7.90");
    expect(text).toContain("600");
    expect(text).not.toMatch(/9\.90|1,000/);
  });

  it("shows the terms of a later renewal with their date", () => {
    const startsAt = new Date("2027-02-05T10:00:00Z");
    const upcomingTerms = { ...terms, amountCents: 1190, credits: 800, startsAt };
    const text = textOf("en", { ...subscribed, upcomingTerms }).replace(/\s+/g, " ");
    expect(text).toContain("From 5 Feb 2027 : US$11.90 and 800 credits a month");
    const yearly = { ...upcomingTerms, interval: "year" } as const;
    const chinese = textOf("zh-CN", { ...subscribed, upcomingTerms: yearly }).replace(/\s+/g, " ");
    expect(chinese).toContain("2027年2月5日 起：每年US$11.90，每月发放800积分");
  });

  it("keeps the name of a plan whose period is not paid, and says so", () => {
    const unpaid = {
      plan: "pro-monthly",
      terms,
      since: subscribed.since ?? renewsAt,
      reason: "payment",
    } as const;
    const free = { plan: "free", kind: "free", terms: null, since: null, until: null } as const;
    const text = textOf("en", { ...subscribed, ...free, unpaid });
    expect(text).toMatch(
      /Pro, monthly.*7\.90.*The current period isn&#x27;t paid yet\..*600.*5 Jan 2027/,
    );
    expect(text).not.toContain("Free");
    const chinese = textOf("zh-CN", { ...subscribed, ...free, unpaid });
    expect(chinese).toMatch(/专业版（月付）.*本期尚未付款，付款后发放本期积分。/);
    const reversed = { ...unpaid, reason: "reversal" } as const;
    const ending = textOf("en", { ...subscribed, ...free, unpaid: reversed });
    expect(ending).toMatch(/Free.*The payment for Pro, monthly was refunded.*buy a plan again\./);
    expect(ending).not.toMatch(/2027|600/);
  });

  it("shows the plan that the subscription changes to with its date", () => {
    const scheduled = { plan: "pro-yearly", at: renewsAt };
    const text = textOf("en", { ...subscribed, scheduled }).replace(/\s+/g, " ");
    expect(text).toContain("Changes to Pro, yearly on 5 Jan 2027");
    const chinese = textOf("zh-CN", { ...subscribed, scheduled }).replace(/\s+/g, " ");
    expect(chinese).toContain("2027年1月5日 改为专业版（年付）");
  });

  it.each([
    ["en", ["Switch to yearly", "Change card", "Cancel"], ["Resume"]],
    ["zh-CN", ["改为年付", "更换银行卡", "取消订阅"], ["恢复订阅"]],
  ] as const)("names what can be done with the subscription (%s)", (locale, running, ended) => {
    const yearly = findItem("pro-yearly");
    const switches = yearly?.kind === "subscription" ? [yearly] : [];
    const actions = { ...noActions, switches, cancelEndsAt: renewsAt, canChangeCard: true };
    const text = textOf(locale, subscribed, actions);
    for (const label of running) expect(text).toContain(label);
    for (const label of ended) expect(text).not.toContain(label);
    const ending = { ...subscribed, renewsAt: null, cancelAt: renewsAt };
    const resumable = textOf(locale, ending, { ...noActions, resumes: "end" });
    for (const label of ended) expect(resumable).toContain(label);
    expect(resumable).not.toContain(running[0]);
  });
});

describe("PortalResult", () => {
  it("says what Stripe reports, not what the address claims", () => {
    const result = (done: "switch" | "cancel", membership: Membership) =>
      render("en", <PortalResult done={done} membership={membership} />).replace(/\s+/g, " ");
    expect(result("cancel", subscribed)).toBe("");
    const ending = { ...subscribed, renewsAt: null, cancelAt: renewsAt };
    expect(result("cancel", ending)).toContain("is cancelled. It runs until 5 Jan 2027");
    expect(result("switch", subscribed)).toContain("You&#x27;re on Pro, monthly.");
    const scheduled = { ...subscribed, scheduled: { plan: "pro-yearly", at: renewsAt } };
    expect(result("switch", scheduled)).toContain("Pro, yearly starts on 5 Jan 2027");
  });
});
