import type { Metadata } from "next";
import { useTranslations } from "next-intl";
import { setRequestLocale } from "next-intl/server";
import { use } from "react";
import { LegalArticle, legalMetadata } from "@/app/[locale]/(marketing)/legal-article";
import { legalFigures } from "@/app/[locale]/(marketing)/legal-figures";
import { supportAddress } from "@/app/[locale]/support-address";
import { CURRENCIES } from "@/catalog/items";
import { isLocale } from "@/lib/locales";
import { PrivacyRecords } from "./privacy-records";

const SECTIONS = ["stored", "others", "browser", "deletion", "freeCredits", "rights"] as const;

interface Props {
  params: Promise<{ locale: string }>;
}

export function generateMetadata({ params }: Props): Promise<Metadata> {
  return legalMetadata("privacy", params);
}

export default function PrivacyPage({ params }: Props) {
  const { locale } = use(params);
  if (isLocale(locale)) setRequestLocale(locale);
  const t = useTranslations("legal");
  const words = useTranslations("product");
  const sections = SECTIONS.map((id) => ({
    id,
    title: t(`privacy.sections.${id}.title`),
    body: t(`privacy.sections.${id}.body`, {
      ...legalFigures,
      address: supportAddress,
      currencies: CURRENCIES.length,
      browser: words("privacy.browser"),
    }),
    children: id === "stored" && <PrivacyRecords />,
  }));
  return (
    <LegalArticle
      title={t("privacy.title")}
      intro={t("privacy.intro")}
      updated={t("updated")}
      sections={sections}
    />
  );
}
