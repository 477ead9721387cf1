import type { Metadata } from "next";
import { useLocale, useTranslations } from "next-intl";
import { setRequestLocale } from "next-intl/server";
import { use } from "react";
import { LegalArticle, legalMetadata } from "@/app/[locale]/(marketing)/legal-article";
import { legalFigures } from "@/app/[locale]/(marketing)/legal-figures";
import { supportAddress } from "@/app/[locale]/support-address";
import { usePackValidity } from "@/app/purchase/use-pack-validity";
import { catalog } from "@/catalog/catalog";
import { CURRENCIES, getFeature, itemsOfPlan } from "@/catalog/items";
import { useCreditsText } from "@/components/use-credits-text";
import { currencyName, formatMoney, joinWithOr } from "@/lib/formats";
import { isLocale } from "@/lib/locales";

const SECTIONS = [
  ...(["service", "account", "credits", "plans", "payments"] as const),
  ...(catalog.consumerRights === null ? [] : (["withdrawal"] as const)),
  ...(["conduct", "liability", "changes"] as const),
];

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
  const words = useTranslations("product");
  const figures = useFigures();
  const sections = SECTIONS.map((id) => ({
    id,
    title: t(`terms.sections.${id}.title`),
    body: id === "service" ? words("terms.service") : t(`terms.sections.${id}.body`, figures),
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
  const t = useTranslations("legal");
  const words = useTranslations("product");
  const locale = useLocale();
  const credits = useCreditsText();
  return {
    ...legalFigures,
    content: words("terms.content"),
    features: Object.keys(catalog.features)
      .map(getFeature)
      .map(({ name, cost, rateCard }) =>
        t(rateCard === null ? "terms.feature" : "terms.featureByUse", {
          name: name[locale],
          cost: credits(cost),
        }),
      )
      .join(t("terms.separator")),
    packValidity: usePackValidity(),
    plans: usePlanTerms(),
    currencies: joinWithOr(
      CURRENCIES.map((currency) => currencyName(currency, locale)),
      locale,
    ),
    address: supportAddress,
  };
}

/** One paragraph for each plan that is sold: how it renews and what it costs in each currency. */
function usePlanTerms(): string {
  const t = useTranslations("legal.terms.plans");
  const locale = useLocale();
  const renewalDays = catalog.consumerRights?.renewalNoticeDays ?? null;
  return catalog.plans
    .flatMap((plan) => {
      const items = itemsOfPlan(plan);
      const price = (interval: string) => {
        const item = items.find((one) => one.interval === interval);
        const priceIn = (currency: string) =>
          formatMoney(item?.amounts[currency] ?? 0, currency, locale);
        return item && joinWithOr(CURRENCIES.map(priceIn), locale);
      };
      const name = plan.name[locale];
      const [month, year, once] = [price("month"), price("year"), price("once")];
      return [
        month && year && t("monthOrYear", { name, month, year }),
        month && !year && t("month", { name, month }),
        year && !month && t("year", { name, year }),
        once && t("once", { name, once }),
        plan.trial && t("trial", { name, days: plan.trial.days }),
        year && renewalDays !== null && t("notice", { name, days: renewalDays }),
      ].filter((text) => typeof text === "string");
    })
    .join("\n\n");
}
