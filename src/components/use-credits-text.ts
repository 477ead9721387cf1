import { useLocale, useTranslations } from "next-intl";
import { formatCreditAmount } from "@/lib/format-credits";

/** Writes amounts of credits with their unit as plain text, for use inside sentences. */
export function useCreditsText(): (credits: number) => string {
  const t = useTranslations("common");
  const locale = useLocale();
  return (credits) =>
    t("credits", { amount: Math.abs(credits), amountText: formatCreditAmount(credits, locale) });
}
