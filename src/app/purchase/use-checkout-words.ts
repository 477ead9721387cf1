import { useLocale, useTranslations } from "next-intl";
import type { CheckoutWords } from "./use-checkout";

/** For server components: what `useCheckout` says in the browser. */
export function useCheckoutWords(): CheckoutWords {
  const t = useTranslations("errors");
  return { locale: useLocale(), offline: t("offline"), invalid: t("invalid_input") };
}
