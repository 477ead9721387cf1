import { useLocale, useTranslations } from "next-intl";
import type { CheckoutWords } from "./checkout";

/** Returns the texts of the buy buttons. For server components. */
export function useCheckoutWords(): CheckoutWords {
  const t = useTranslations("errors");
  return { locale: useLocale(), offline: t("offline"), invalid: t("invalid_input") };
}
