import { formatCreditAmount } from "@/lib/format-credits";
import { formatInstant } from "@/lib/format-instant";
import type { Locale } from "@/lib/locales";
import type { EmailTranslator } from "./email-translator";

/** Credits with their unit: `1,000 credits`. */
export function withUnit(
  credits: number,
  { t, locale }: { t: EmailTranslator; locale: Locale },
): string {
  return t("credits", { amount: credits, amountText: formatCreditAmount(credits, locale) });
}

/** A day with its zone, as a mail is read anywhere: `3 Mar 2026, 14:00 (Asia/Shanghai)`. */
export function dayIn(
  isoInstant: string,
  { locale, timeZone, t }: { locale: Locale; timeZone: string; t: EmailTranslator },
): string {
  const instant = formatInstant(new Date(isoInstant), { locale, timeZone, style: "date-time" });
  return t("instant", { instant, zone: timeZone });
}
