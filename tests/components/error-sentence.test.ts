import { createTranslator } from "next-intl";
import { describe, expect, it } from "vitest";
import { CurrencyBound } from "@/billing/errors";
import { errorSentence } from "@/components/error-sentence";
import { loadMessages } from "@/i18n/load-messages";
import { LOCALES } from "@/lib/locales";

describe("errorSentence", () => {
  it.each(LOCALES)("names the currency that binds a customer in %s", async (locale) => {
    const messages = await loadMessages(locale);
    const t = createTranslator({ locale, messages, namespace: "errors" });
    const { code, details } = new CurrencyBound({ currency: "CNY", cause: null });
    expect(errorSentence(t, { code, details })).toContain("CNY");
  });
});
