import type { Metadata } from "next";
import { getLocale, getTranslations, setRequestLocale } from "next-intl/server";
import { alternates } from "@/app/[locale]/alternates";
import { ResumePurchase } from "@/app/purchase/checkout";
import { FEATURE_COSTS } from "@/catalog/catalog";
import { Alert } from "@/components/ui/alert";
import { formatCreditAmount } from "@/lib/format-credits";
import { isLocale } from "@/lib/locales";
import { CheckoutNotice } from "./checkout-notice";
import { Faq } from "./faq";
import { Packs } from "./packs";
import { PlanTable } from "./plan-table";

interface Props {
  params: Promise<{ locale: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params;
  if (!isLocale(locale)) return {};
  const t = await getTranslations({ locale, namespace: "pricing.meta" });
  return {
    title: t("title"),
    description: t("description"),
    alternates: alternates(locale, "/pricing"),
  };
}

/** Static; the prices are the catalogue's. What the visitor already has is marked in the browser. */
export default async function PricingPage({ params }: Props) {
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("pricing");
  const common = await getTranslations("common");
  const errors = await getTranslations("errors");
  const cost = FEATURE_COSTS["bazi-reading"];
  const costText = common("credits", {
    amount: cost,
    amountText: formatCreditAmount(cost, await getLocale()),
  });
  return (
    <div className="mx-auto max-w-6xl px-4 pb-20 sm:px-6">
      <header className="grid gap-3 pt-14 pb-10 sm:pt-20">
        <h1 className="font-heading text-4xl sm:text-5xl">{t("title")}</h1>
        <p className="max-w-[40em] text-lg text-muted-foreground">
          {t("text", { cost: costText })}
        </p>
        <p className="text-muted-foreground text-sm">{t("currency")}</p>
      </header>
      <ResumePurchase
        words={{
          locale: await getLocale(),
          offline: errors("offline"),
          invalid: errors("invalid_input"),
        }}
        pending={<Alert className="mb-8">{t("buy.pending")}</Alert>}
      />
      <CheckoutNotice>
        <Alert className="mb-8">{t("checkoutCancelled")}</Alert>
      </CheckoutNotice>
      <PlanTable />
      <Packs />
      <Faq />
    </div>
  );
}
