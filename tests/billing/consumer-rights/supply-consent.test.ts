import { createHash } from "node:crypto";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCheckout } from "@/billing/checkout/create-checkout";
import { SUPPLY_CONSENT_VERSION } from "@/billing/consumer-rights/supply-consent";
import { outbox, supplyConsent } from "@/db/schema";
import { storedEmail } from "@/emails/email-content";
import { renderEmail } from "@/emails/render-email";
import { loadMessages } from "@/i18n/load-messages";
import { now } from "@/lib/clock";
import { LOCALES } from "@/lib/locales";
import { BillingFixture, CONSENT } from "../billing-fixture";

/** The text of each version. A version never changes, because buyers agreed to it. */
const TEXTS: Readonly<Record<number, string>> = {
  1: "2c6ac42d5b5dbe72",
};

let fixture: BillingFixture;
beforeAll(async () => {
  fixture = await BillingFixture.create();
});
afterAll(() => fixture.close());

async function consentsOf(userId: string) {
  return fixture.db.select().from(supplyConsent).where(eq(supplyConsent.userId, userId));
}

async function emailOf(userId: string, key: string): Promise<string> {
  const rows = await fixture.db.select().from(outbox).where(eq(outbox.userId, userId));
  const row = rows.find(({ idempotencyKey }) => idempotencyKey.startsWith(`email:${key}`));
  const email = storedEmail.parse(row?.payload);
  return (await renderEmail(email, { appUrl: "http://localhost:3000" })).text;
}

describe("the text of the consent", () => {
  it("has a new version whenever it changes in any language", async () => {
    const texts = await Promise.all(
      LOCALES.map(async (locale) => (await loadMessages(locale)).legal.consent.statement),
    );
    const digest = createHash("sha256").update(texts.join("\n")).digest("hex").slice(0, 16);
    expect(digest).toBe(TEXTS[SUPPLY_CONSENT_VERSION]);
  });

  it.each(LOCALES)("says what the law requires in %s", async (locale) => {
    const { statement } = (await loadMessages(locale)).legal.consent;
    expect(statement).toMatch(/immediately, before|之前立即/);
    expect(statement).toMatch(/lose my right of withdrawal|不再享有撤回权/);
    expect(statement).toContain("{days}");
  });
});

describe("createCheckout", () => {
  it.each([
    ["no", undefined, "consent_required"],
    ["another version's", { ...CONSENT, version: SUPPLY_CONSENT_VERSION + 1 }, "page_out_of_date"],
  ] as const)("opens no page with %s consent", async (_name, consent, code) => {
    const userId = await fixture.signUp();
    const wanted = { userId, item: "pack-basic", now: now() };
    const opened = createCheckout(fixture.billing, { ...wanted, ...(consent && { consent }) });
    await expect(opened).rejects.toMatchObject({ code });
    expect(await consentsOf(userId)).toEqual([]);
  });

  it("stores the consent with the page, once, in the words of the page", async () => {
    const userId = await fixture.signUp("zh-CN");
    const wanted = { userId, item: "pack-basic", locale: "zh-CN" as const, now: now() };
    const consent = { version: SUPPLY_CONSENT_VERSION, text: "我要求立即提供。" };
    await createCheckout(fixture.billing, { ...wanted, consent });
    await createCheckout(fixture.billing, { ...wanted, consent });
    expect(await consentsOf(userId)).toMatchObject([
      { item: "pack-basic", kind: "pack", version: 1, locale: "zh-CN", text: "我要求立即提供。" },
    ]);
  });
});

describe("the stored consent", () => {
  it("cannot be changed or deleted by the application", async () => {
    const userId = await fixture.signUp();
    await fixture.openCheckout(userId, "pack-basic");
    const isOwn = eq(supplyConsent.userId, userId);
    await expect(
      fixture.db.update(supplyConsent).set({ text: "another" }).where(isOwn),
    ).rejects.toThrow();
    await expect(fixture.db.delete(supplyConsent).where(isOwn)).rejects.toThrow();
  });

  it.each(["pack-basic", "lifetime", "pro-yearly"])(
    "is confirmed in the email about %s, with the way to withdraw",
    async (item) => {
      const userId = await fixture.signUp();
      await fixture.buy(userId, item);
      const email = await emailOf(userId, "purchase:");
      expect(email).toContain(CONSENT.text);
      expect(email).toContain("Withdraw from contract here");
      expect(email).toContain("14 days");
    },
  );

  it("is not repeated in the email about a renewal", async () => {
    const userId = await fixture.signUp();
    await fixture.buy(userId, "pro-monthly");
    await fixture.control.advanceClock({ days: 32 });
    const keys = (await fixture.emails(userId)).filter((key) => key.startsWith("email:purchase"));
    expect(keys).toHaveLength(2);
    const texts = await Promise.all(keys.map((key) => emailOf(userId, key.slice(6))));
    expect(texts.filter((text) => text.includes(CONSENT.text))).toHaveLength(1);
  });
});
