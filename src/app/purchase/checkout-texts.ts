import { useLocale, useTranslations } from "next-intl";
import { collectsConsent, SUPPLY_CONSENT_VERSION } from "@/billing/consumer-rights/supply-consent";
import { catalog } from "@/catalog/catalog";
import { buttonVariants } from "@/components/ui/button";
import { localePath } from "@/lib/locales";
import type { CheckoutTexts } from "./checkout";
import type { ConsentTexts } from "./consent-dialog";

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
    consent: useConsentTexts(),
  };
}

function useConsentTexts(): ConsentTexts | null {
  const t = useTranslations("legal.consent");
  const actions = useTranslations("common.actions");
  const locale = useLocale();
  if (catalog.consumerRights === null || !collectsConsent()) return null;
  const days = catalog.consumerRights.withdrawalDays;
  return {
    version: SUPPLY_CONSENT_VERSION,
    title: t("title"),
    right: t("right", { days }),
    policy: t("policy"),
    policyHref: localePath(locale, "/refunds"),
    statement: t("statement", { days }),
    missing: t("missing"),
    submit: t("continue"),
    cancel: actions("cancel"),
    submitClass: buttonVariants({ variant: "primary" }),
    cancelClass: buttonVariants(),
  };
}
