import { describe, expect, it } from "vitest";
import type { StoredEmail } from "@/emails/email-content";
import { renderEmail } from "@/emails/render-email";
import { LOCALES } from "@/lib/locales";
import { SAMPLES } from "./samples";

const APP_URL = "http://localhost:3000";
const cases = LOCALES.flatMap((locale) =>
  SAMPLES.map((sample): StoredEmail => ({ ...sample, locale, to: "mei@example.com" })),
);

function letter(locale: StoredEmail["locale"], template: StoredEmail["template"]) {
  const email = cases.find((one) => one.locale === locale && one.template === template);
  if (email === undefined) throw new Error(`no sample of ${template}`);
  return renderEmail(email, { appUrl: APP_URL });
}

describe("each e-mail in each language", () => {
  it.each(cases)("$template ($locale) says everything, in that language", async (email) => {
    const { subject, html, text } = await renderEmail(email, { appUrl: APP_URL });
    for (const part of [subject, html, text]) {
      // A message that is missing throws; one whose figure is missing would leave its braces.
      expect(part).not.toMatch(/\{\w+[,}]|undefined|NaN|\[object/);
    }
    expect(html).toContain(`lang="${email.locale}"`);
    const hasChinese = /\p{Script=Han}/u.test(text);
    expect(hasChinese).toBe(email.locale === "zh-CN");
    expect(html).toMatch(email.locale === "zh-CN" ? /\p{Script=Han}/u : /account/);
  });

  it.each(cases)("$template ($locale) has the same links in both parts", async (email) => {
    const { html, text } = await renderEmail(email, { appUrl: APP_URL });
    const inHtml = [...html.matchAll(/href="([^"]+)"/g)].map(([, url = ""]) =>
      url.replaceAll("&amp;", "&"),
    );
    const inText = text.match(/https?:\/\/\S+/g) ?? [];
    expect(new Set(inText)).toEqual(new Set(inHtml));
    for (const url of inHtml) expect(new URL(url).origin).toBe(APP_URL);
  });
});

describe("an e-mail", () => {
  it("escapes what people call themselves", async () => {
    const { html } = await letter("en", "verify-email");
    expect(html).toContain("Mei &lt;b&gt;Lin&lt;/b&gt;");
    expect(html).not.toContain("<b>Lin");
  });

  it("loads nothing from anywhere", async () => {
    const { html } = await letter("en", "purchase-received");
    expect(html).not.toMatch(/<img|<script|url\(|@import/i);
  });

  it("leads to the pages of its language", async () => {
    expect((await letter("zh-CN", "low-balance")).text).toContain(`${APP_URL}/zh/pricing#packs`);
    expect((await letter("en", "low-balance")).text).toContain(`${APP_URL}/pricing#packs`);
  });

  it("says money with its currency and credits with their unit", async () => {
    const { text } = await letter("en", "purchase-received");
    expect(text).toContain("US$99.00");
    expect(text).toContain("1,000 credits");
    const chinese = await letter("zh-CN", "purchase-received");
    expect(chinese.text).toContain("1,000积分");
  });

  it.each(cases)(
    "$template ($locale) is previewed by what matters, not by the greeting",
    async (email) => {
      const { html, text } = await renderEmail(email, { appUrl: APP_URL });
      const [preview = ""] = html
        .slice(html.indexOf("<body"))
        .split(/<[^>]*>/)
        .filter((part) => part.trim() !== "");
      expect(preview).not.toMatch(/^Hello|您好/);
      expect(preview.length).toBeGreaterThan(5);
      expect(text).toContain(preview.replaceAll("&amp;", "&").slice(0, 40));
    },
  );

  it("says when credits of a purchase expire and a charge is tried again in the reader's zone", async () => {
    expect((await letter("en", "purchase-received")).text).toContain(
      "These credits expire: 8 Mar 2026, 18:00 (Asia/Shanghai)",
    );
    expect((await letter("en", "payment-failed")).text).toContain(
      "8 Mar 2026, 18:00 (Asia/Shanghai)",
    );
  });

  it("says when credits expire in the reader's own time zone", async () => {
    const { text } = await letter("en", "credits-expiring");
    expect(text).toContain("120 credits");
    expect(text).toContain("8 Mar 2026, 04:00 (Asia/Shanghai): 50 credits");
  });
});
