import { describe, expect, it } from "vitest";
import { type EmailContent, type StoredEmail, storedEmail } from "@/emails/email-content";
import { renderEmail } from "@/emails/render-email";
import { LOCALES } from "@/lib/locales";
import { EMAIL_SAMPLES } from "./email-samples";

const APP_URL = "http://localhost:3000";
const cases = LOCALES.flatMap((locale) =>
  EMAIL_SAMPLES.map((sample): StoredEmail => ({ ...sample, locale, to: "mei@example.com" })),
);

function renderSample(locale: StoredEmail["locale"], template: StoredEmail["template"]) {
  const email = cases.find((one) => one.locale === locale && one.template === template);
  if (email === undefined) throw new Error(`no sample of ${template}`);
  return renderEmail(email, { appUrl: APP_URL });
}

describe("renderEmail", () => {
  it.each(cases)("renders all of $template in $locale", async (email) => {
    const { subject, html, text } = await renderEmail(email, { appUrl: APP_URL });
    for (const part of [subject, html, text]) {
      // A missing message throws; a missing argument would leave its braces.
      expect(part).not.toMatch(/\{\w+[,}]|undefined|NaN|\[object/);
    }
    expect(html).toContain(`lang="${email.locale}"`);
    const hasChinese = /\p{Script=Han}/u.test(text);
    expect(hasChinese).toBe(email.locale === "zh-CN");
    expect(html).toMatch(email.locale === "zh-CN" ? /\p{Script=Han}/u : /account/);
  });

  it.each(cases)("puts the same links into both parts of $template in $locale", async (email) => {
    const { html, text } = await renderEmail(email, { appUrl: APP_URL });
    const inHtml = [...html.matchAll(/href="([^"]+)"/g)].map(([, url = ""]) =>
      url.replaceAll("&amp;", "&"),
    );
    const inText = text.match(/https?:\/\/\S+/g) ?? [];
    expect(new Set(inText)).toEqual(new Set(inHtml));
    const isConfirmation = email.template === "payment-confirmation";
    const invoiceUrl = isConfirmation ? email.props.invoiceUrl : null;
    const others = inHtml.filter((url) => url !== invoiceUrl);
    for (const url of others) expect(new URL(url).origin).toBe(APP_URL);
  });

  it("leaves out the name in the payload of an earlier version", async () => {
    const props = { name: "Win at https://evil.example", validHours: 24, url: `${APP_URL}/verify` };
    const stored = { template: "verify-email", to: "mei@example.com", locale: "en", props };
    const { html, text } = await renderEmail(storedEmail.parse(stored), { appUrl: APP_URL });
    expect(html + text).not.toContain("evil.example");
    expect(text).toContain(`${APP_URL}/verify`);
  });

  it("escapes HTML", async () => {
    const props = { title: "Payments <b>late</b>", lines: [] };
    const alert = { template: "admin-alert", to: "mei@example.com", locale: "en", props };
    const { html } = await renderEmail(storedEmail.parse(alert), { appUrl: APP_URL });
    expect(html).toContain("Payments &lt;b&gt;late&lt;/b&gt;");
    expect(html).not.toContain("<b>late");
  });

  it("references no remote resources", async () => {
    const { html } = await renderSample("en", "purchase-received");
    expect(html).not.toMatch(/<img|<script|url\(|@import/i);
  });

  it("links to the pages of the recipient's language", async () => {
    expect((await renderSample("zh-CN", "low-balance")).text).toContain(
      `${APP_URL}/zh/pricing#packs`,
    );
    expect((await renderSample("en", "low-balance")).text).toContain(`${APP_URL}/pricing#packs`);
  });

  it("links to the invoice that needs confirmation, or to the billing page if it has no page", async () => {
    const emails = cases.filter(({ template }) => template === "payment-confirmation");
    const texts = await Promise.all(emails.map((one) => renderEmail(one, { appUrl: APP_URL })));
    const pages = ["https://invoice.stripe.com/i/acct_1/test_1", `${APP_URL}/billing`];
    for (const [index, page] of pages.entries()) expect(texts[index]?.text).toContain(page);
  });

  it("states the old and the new terms of a plan, the day and how to cancel", async () => {
    const { subject, text } = await renderSample("en", "price-change");
    expect(subject).toBe("New terms for Pro, monthly from 8 Mar 2026");
    expect(text).toContain("Now: US$9.90 a month, 1,000 credits a month");
    expect(text).toContain("From 8 Mar 2026: US$11.90 a month, 1,200 credits a month");
    expect(text).toContain("cancel before 8 Mar 2026");
    const chinese = await renderSample("zh-CN", "price-change");
    expect(chinese.text).toContain("2026年3月8日起：每月US$11.90，每月1,200积分");
    expect(text).not.toContain("after the next ones are due");
  });

  it.each([
    ["en", "1,000 credits a month, valid until 96 hours after the next ones are due"],
    ["zh-CN", "每月1,000积分，下次发放后96小时内仍有效"],
  ] as const)("states the grace of a plan if it changes (%s)", async (locale, stated) => {
    const terms = { amountCents: 990, credits: 1000, graceHours: 48 };
    const email: EmailContent = {
      template: "price-change",
      props: {
        item: "pro-monthly",
        interval: "month",
        currency: "usd",
        before: terms,
        after: { ...terms, graceHours: 96 },
        effectiveAt: "2026-03-08T09:00:00.000Z",
        timeZone: "UTC",
      },
    };
    const sent = { ...email, locale, to: "mei@example.com" };
    const { text } = await renderEmail(sent, { appUrl: APP_URL });
    expect(text).toContain(stated);
  });

  it("formats money with its currency and credits with their unit", async () => {
    const { text } = await renderSample("en", "purchase-received");
    expect(text).toContain("US$99.00");
    expect(text).toContain("1,000 credits");
    const chinese = await renderSample("zh-CN", "purchase-received");
    expect(chinese.text).toContain("1,000积分");
  });

  it.each(cases)("previews the first paragraph of $template in $locale", async (email) => {
    const { html, text } = await renderEmail(email, { appUrl: APP_URL });
    const [preview = ""] = html
      .slice(html.indexOf("<body"))
      .split(/<[^>]*>/)
      .filter((part) => part.trim() !== "");
    expect(preview.length).toBeGreaterThan(5);
    expect(text).toContain(preview.replaceAll("&amp;", "&").slice(0, 40));
  });

  it("formats the expiry of a purchase and the next charge in the recipient's time zone", async () => {
    expect((await renderSample("en", "purchase-received")).text).toContain(
      "Expires: 8 Mar 2026, 18:00 (China Standard Time)",
    );
    expect((await renderSample("en", "payment-failed")).text).toContain(
      "8 Mar 2026, 18:00 (China Standard Time)",
    );
  });

  it("formats the expiry of each lot in the recipient's time zone", async () => {
    const { text } = await renderSample("en", "credits-expiring");
    expect(text).toContain("120 credits");
    expect(text).toContain("8 Mar 2026, 04:00 (China Standard Time): 50 credits");
  });
});
