import { useLocale, useTranslations } from "next-intl";
import type { CheckoutTexts } from "./checkout";

/** Returns the texts of the buy buttons. For server components. */
export function useCheckoutTexts(): CheckoutTexts {
  const t = useTranslations("errors");
  return { locale: useLocale(), offline: t("offline"), invalid: t("invalid_input") };
}
