import type { Metadata } from "next";
import { useTranslations } from "next-intl";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { use } from "react";
import { LegalArticle } from "@/app/[locale]/(marketing)/legal-article";
import { alternates } from "@/app/[locale]/alternates";
import { supportAddress } from "@/app/[locale]/support-address";
import { isLocale } from "@/lib/locales";

const SECTIONS = ["ask", "credits", "failed", "disputes", "twice", "cancel"] as const;

interface Props {
  params: Promise<{ locale: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params;
  if (!isLocale(locale)) return {};
  const t = await getTranslations({ locale, namespace: "legal.refunds" });
  return {
    title: t("title"),
    description: t("description"),
    alternates: alternates(locale, "/refunds"),
  };
}

export default function RefundsPage({ params }: Props) {
  const { locale } = use(params);
  if (isLocale(locale)) setRequestLocale(locale);
  const t = useTranslations("legal");
  const sections = SECTIONS.map((id) => ({
    id,
    title: t(`refunds.sections.${id}.title`),
    body: t(`refunds.sections.${id}.body`, { address: supportAddress }),
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
