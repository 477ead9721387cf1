import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { cache } from "react";
import { requireUserPage } from "@/accounts/session";
import { getFeature } from "@/catalog/items";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { isLocale } from "@/lib/locales";
import { getReading } from "@/products/bazi/readings";
import { ChartSheet } from "./chart-sheet";
import { DeleteReadingButton } from "./delete-reading-button";
import { Interpretation } from "./interpretation";

interface Props {
  params: Promise<{ locale: string; id: string }>;
}

/** The reading, if it belongs to the signed-in user. */
const ownReading = cache(async (id: string) => {
  const user = await requireUserPage();
  return getReading(db, { userId: user.id, id });
});

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { locale, id } = await params;
  const reading = await ownReading(id);
  if (reading !== null || !isLocale(locale)) return { title: reading?.name ?? "QiFlow" };
  const t = await getTranslations({ locale, namespace: "bazi.reading" });
  return { title: t("goneTitle") };
}

export default async function ReadingPage({ params }: Props) {
  const { locale, id } = await params;
  if (!isLocale(locale)) notFound();
  setRequestLocale(locale);
  await requireUserPage();
  const reading = await ownReading(id);
  if (reading === null) notFound();
  const t = await getTranslations("bazi");
  const at = now();
  const { stem } = reading.chart.pillars.day;
  return (
    <>
      <Link
        href="/bazi"
        className="mb-4 inline-block text-muted-foreground text-sm hover:text-foreground print:hidden"
      >
        ← {t("reading.back")}
      </Link>
      <PageHeader
        title={reading.name}
        description={
          <>
            {t("reading.dayMasterIs", {
              sign: t(`stems.${stem}.sign`),
              sound: t(`stems.${stem}.sound`),
              nature: t(`stems.${stem}.nature`),
            })}
            {" · "}
            {t("reading.made")} <DateTime instant={reading.createdAt} kind="date" />
          </>
        }
      />
      <div className="grid grid-cols-1 gap-8">
        <ChartSheet chart={reading.chart} name={reading.name} now={at} />
        <Interpretation chart={reading.chart} locale={locale} now={at} />
        <div className="border-t pt-6 print:hidden">
          <DeleteReadingButton
            reading={{ id, name: reading.name }}
            costCredits={getFeature("bazi-reading").cost}
          />
        </div>
      </div>
    </>
  );
}
