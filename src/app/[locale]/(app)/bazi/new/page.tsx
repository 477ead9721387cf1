import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { requireUserPage } from "@/accounts/session";
import { getFeature } from "@/catalog/items";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { getBalance } from "@/ledger/reads/balance";
import { now } from "@/lib/clock";
import { isLocale } from "@/lib/locales";
import { timeZoneNames } from "@/lib/time-zones";
import { getProfile } from "@/products/bazi/profile";
import { toLiveBalance } from "../../to-live-balance";
import { initialValues } from "./form-values";
import { ReadingForm } from "./reading-form";

interface Props {
  params: Promise<{ locale: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale } = await params;
  if (!isLocale(locale)) return {};
  const t = await getTranslations({ locale, namespace: "bazi.form" });
  return { title: t("title") };
}

export default async function NewReadingPage({ params }: Props) {
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const user = await requireUserPage();
  const at = now();
  const [profile, balance, t] = await Promise.all([
    getProfile(db, user.id),
    getBalance(db, { userId: user.id, now: at }),
    getTranslations("bazi.form"),
  ]);
  const initial = initialValues(profile);
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} />
      <ReadingForm
        userId={user.id}
        initial={initial}
        balance={toLiveBalance(balance, at)}
        costCredits={getFeature("bazi-reading").cost}
        zones={timeZoneNames(initial.zone)}
      />
    </>
  );
}
