import { createTranslator } from "next-intl";
import { describe, expect, it } from "vitest";
import { legalFigures } from "@/app/[locale]/(marketing)/legal-figures";
import { REIMBURSEMENT_DAYS, refundOnWithdrawal } from "@/billing/consumer-rights/withdrawal-rules";
import { inPaidCurrency, isWhole } from "@/billing/reversals/reversed-share";
import { catalog } from "@/catalog/catalog";
import type { PaymentReversal } from "@/db/schema";
import { loadMessages } from "@/i18n/load-messages";
import { NETWORK_RETENTION_DAYS } from "@/jobs/retention";
import { LOCALES } from "@/lib/locales";
import { CLAIM_RETENTION_MONTHS, DEBT_MONTHS } from "@/rewards/free-credits-rule";

const refund = (amount: number): PaymentReversal => ({
  key: "refund:re_1",
  kind: "refund",
  amount,
  currency: "usd",
  state: "standing",
});

/** Whether a refund of this many cents of 10,000 is a whole one by the rule of the books. */
function isWholeRefund(cents: number): boolean {
  const paid = { cents: 10_000, currency: "usd" };
  return isWhole(inPaidCurrency([refund(cents)], paid), paid);
}

describe.each(LOCALES)("the legal pages in %s", async (locale) => {
  const messages = await loadMessages(locale);
  const t = createTranslator({ locale, messages, namespace: "legal" });
  const refunds = Object.values(messages.legal.refunds.sections).map(({ body }) => body);
  const { credits, plans, payments, withdrawal } = messages.legal.terms.sections;

  it("state no figure that is not a parameter", () => {
    const bodies = [...refunds, credits.body, plans.body, payments.body, withdrawal.body];
    const written = bodies.map((body) => body.replaceAll(/\{\w+\}/g, ""));
    expect(written.filter((body) => /\d/.test(body))).toEqual([]);
  });

  it("state the rules of withdrawal from the parameters", () => {
    const figures = { ...legalFigures, address: "ADDRESS" };
    const [refundPage, terms] = [
      t("refunds.sections.withdraw.body", figures),
      t("terms.sections.withdrawal.body", figures),
    ];
    const days = catalog.consumerRights?.withdrawalDays;
    expect(refundPage.match(/\d+/g)?.map(Number)).toEqual([days, REIMBURSEMENT_DAYS]);
    expect(terms.match(/\d+/g)?.map(Number)).toEqual([days, REIMBURSEMENT_DAYS]);
    expect(t("terms.plans.notice", { name: "Pro", days: legalFigures.renewalDays })).toContain(
      String(catalog.consumerRights?.renewalNoticeDays),
    );
  });

  it("state the share of a withdrawal's refund as the rule computes it", () => {
    const pack = { paidCents: 1000, returnedCents: 0, currency: "usd", coveredCredits: 100 };
    const tenth = { ...pack, usedCredits: 10 };
    expect(refundOnWithdrawal({ ...tenth, hasConsent: true })).toBe(900);
    expect(refundOnWithdrawal({ ...tenth, hasConsent: false })).toBe(1000);
    const withConsent = t("refunds.sections.withdraw.body", legalFigures);
    expect(withConsent).toMatch(
      /a tenth of a pack, and we refund nine tenths|十分之一，退还十分之九/,
    );
    const without = t("refunds.sections.withdraw.body", { ...legalFigures, consent: "no" });
    expect(without).toMatch(/We refund everything|均全额退款/);
  });

  it("name the functions as they are labelled", () => {
    const label = messages.common.footer.withdraw;
    for (const body of [
      messages.legal.terms.sections.withdrawal.body,
      messages.legal.refunds.sections.withdraw.body,
    ])
      expect(body).toContain(label);
    expect(messages.withdrawal.card.link).toBe(label);
    if (locale === "en") {
      // The words of Article 11a of Directive 2011/83/EU.
      expect(label.toLowerCase()).toBe("withdraw from contract here");
      expect(messages.withdrawal.confirm.submit.toLowerCase()).toBe("confirm withdrawal");
    }
  });

  it("state the share from which a refund is a full one", () => {
    const body = t("refunds.sections.credits.body", legalFigures);
    const [, percent] = /(\d+)%/.exec(body) ?? [];
    expect(isWholeRefund(Number(percent) * 100)).toBe(true);
    expect(isWholeRefund(Number(percent) * 100 - 1)).toBe(false);
  });

  it("state the validity of credits in the order of the sentences", () => {
    const body = t("terms.sections.credits.body", {
      ...legalFigures,
      features: "FEATURES",
      packValidity: "VALIDITY",
    });
    expect(body.match(/\d+/g)?.map(Number)).toEqual([
      catalog.allotmentGraceHours,
      catalog.signUpGift.expireDays,
      catalog.dailySignIn.expireDays,
    ]);
  });

  it("promise no month that was due before a full refund and is not granted", () => {
    const body = t("refunds.sections.credits.body", legalFigures);
    expect(body).not.toMatch(/still given|仍会补发/);
    expect(body).toMatch(/including those that were due before the refund|不再补发/);
  });

  it("state why, on what basis and how long a returning person is recognized, and the right to object", () => {
    const body = t("privacy.sections.freeCredits.body", { ...legalFigures, address: "ADDRESS" });
    const { kept } = messages.settings.deleteAccount;
    for (const text of [body, kept]) {
      expect(text).toMatch(/once per person|每人只发一次/);
      expect(text).toMatch(/legitimate interest|正当利益/);
      expect(text).toMatch(/right to object|有权提出异议/);
    }
    expect(kept).toContain("{months}");
    const figures = [CLAIM_RETENTION_MONTHS, NETWORK_RETENTION_DAYS, DEBT_MONTHS];
    expect(body.match(/\d+/g)?.map(Number).slice(0, 3)).toEqual(figures);
  });

  it("state how long the details of payments and emails are kept", () => {
    const entries = Object.values(messages.legal.privacy.records).map(
      ({ what, period }) => what + period,
    );
    const body = entries.join(" ");
    for (const figure of [
      "eventDays",
      "emailDays",
      "claimMonths",
      "networkDays",
      "accessDays",
      "signInLogDays",
    ])
      expect(body).toContain(`{${figure}}`);
    expect(body.replaceAll(/\{\w+\}/g, "")).not.toMatch(/\d/);
  });
});
