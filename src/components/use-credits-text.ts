import { useLocale, useTranslations } from "next-intl";
import { formatCreditAmount } from "@/lib/formats";

/** Returns a function that formats credits with their unit as plain text, for use in sentences. */
export function useCreditsText(): (credits: number) => string {
  const t = useTranslations("common");
  const locale = useLocale();
  return (credits) =>
    t("credits", { amount: Math.abs(credits), amountText: formatCreditAmount(credits, locale) });
}
