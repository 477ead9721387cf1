import { useLocale, useTranslations } from "next-intl";
import type { CheckoutTexts } from "./checkout";

/** Returns the texts of the buy buttons. For server components. */
export function useCheckoutTexts(): CheckoutTexts {
  const t = useTranslations("errors");
  const actions = useTranslations("common.actions");
  return {
    locale: useLocale(),
    offline: t("offline"),
    invalid_input: t("invalid_input"),
    page_out_of_date: t("page_out_of_date"),
    reload: actions("reload"),
  };
}
