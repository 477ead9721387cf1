import type { Metadata } from "next";
import { useTranslations } from "next-intl";
import { setRequestLocale } from "next-intl/server";
import { use } from "react";
import { LegalArticle, legalMetadata } from "@/app/[locale]/(marketing)/legal-article";
import { legalFigures } from "@/app/[locale]/(marketing)/legal-figures";
import { supportAddress } from "@/app/[locale]/support-address";
import { catalog } from "@/catalog/catalog";
import { isLocale } from "@/lib/locales";

const SECTIONS = [
  ...(catalog.consumerRights === null ? [] : (["withdraw"] as const)),
  ...(["ask", "credits", "failed", "disputes", "twice", "cancel"] as const),
];

interface Props {
  params: Promise<{ locale: string }>;
}

export function generateMetadata({ params }: Props): Promise<Metadata> {
  return legalMetadata("refunds", params);
}

export default function RefundsPage({ params }: Props) {
  const { locale } = use(params);
  if (isLocale(locale)) setRequestLocale(locale);
  const t = useTranslations("legal");
  const sections = SECTIONS.map((id) => ({
    id,
    title: t(`refunds.sections.${id}.title`, legalFigures),
    body: t(`refunds.sections.${id}.body`, { ...legalFigures, address: supportAddress }),
  }));
  return (
    <LegalArticle
      title={t("refunds.title")}
      intro={t("refunds.intro")}
      updated={t("updated")}
      sections={sections}
    />
  );
}
