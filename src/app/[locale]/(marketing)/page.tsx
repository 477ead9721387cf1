import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { alternates } from "@/app/[locale]/alternates";
import { DEFAULT_LOCALE, isLocale } from "@/lib/locales";
import { HomeClosing } from "./home-closing";
import { HomeHero } from "./home-hero";
import { HomeLedger } from "./home-ledger";
import { HomePlans } from "./home-plans";
import { HomeReading } from "./home-reading";

interface Props {
  params: Promise<{ locale: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params;
  if (!isLocale(locale)) return {};
  const t = await getTranslations({ locale, namespace: "marketing.meta" });
  return { title: { absolute: t("title") }, alternates: alternates(locale, "/") };
}

export default async function HomePage({ params }: Props) {
  const { locale } = await params;
  setRequestLocale(isLocale(locale) ? locale : DEFAULT_LOCALE);
  return (
    <div className="mx-auto max-w-6xl px-4 sm:px-6">
      <HomeHero />
      <HomeReading />
      <HomeLedger />
      <HomePlans />
      <HomeClosing />
    </div>
  );
}
