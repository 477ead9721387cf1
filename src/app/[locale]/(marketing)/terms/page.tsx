import type { Metadata } from "next";
import { useLocale, useTranslations } from "next-intl";
import { setRequestLocale } from "next-intl/server";
import { use } from "react";
import { LegalArticle, legalMetadata } from "@/app/[locale]/(marketing)/legal-article";
import { supportAddress } from "@/app/[locale]/support-address";
import {
  ALLOTMENT_GRACE_HOURS,
  CURRENCY,
  DAILY_SIGN_IN,
  FEATURE_COSTS,
  PACKS,
  PLANS,
  SIGN_UP_GIFT,
} from "@/catalog/catalog";
import { useCreditsText } from "@/components/use-credits-text";
import { formatMoney } from "@/lib/formats";
import { isLocale } from "@/lib/locales";

const SECTIONS = [
  "service",
  "account",
  "credits",
  "plans",
  "payments",
  "conduct",
  "liability",
  "changes",
] as const;

interface Props {
  params: Promise<{ locale: string }>;
}

export function generateMetadata({ params }: Props): Promise<Metadata> {
  return legalMetadata("terms", params);
}

export default function TermsPage({ params }: Props) {
  const { locale } = use(params);
  if (isLocale(locale)) setRequestLocale(locale);
  const t = useTranslations("legal");
  const figures = useFigures();
  const sections = SECTIONS.map((id) => ({
    id,
    title: t(`terms.sections.${id}.title`),
    body: t(`terms.sections.${id}.body`, figures),
  }));
  return (
    <LegalArticle
      title={t("terms.title")}
      intro={t("terms.intro")}
      updated={t("updated")}
      sections={sections}
    />
  );
}

/** Figures from the catalogue, so that the terms always state what is charged. */
function useFigures() {
  const locale = useLocale();
  const credits = useCreditsText();
  const price = (cents: number) => formatMoney(cents, CURRENCY, locale);
  return {
    cost: credits(FEATURE_COSTS["bazi-reading"]),
    graceHours: ALLOTMENT_GRACE_HOURS,
    packDays: PACKS.basic.expireDays ?? 0,
    giftDays: SIGN_UP_GIFT.expireDays,
    signInDays: DAILY_SIGN_IN.expireDays,
    monthlyPrice: price(PLANS["pro-monthly"].priceCents),
    yearlyPrice: price(PLANS["pro-yearly"].priceCents),
    lifetimePrice: price(PLANS.lifetime.priceCents),
    address: supportAddress,
  };
}
