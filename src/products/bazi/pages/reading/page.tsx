import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { cache } from "react";
import { getFeature } from "@/catalog/items";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { now } from "@/lib/clock";
import type { ProductPage, ProductPageProps } from "@/product/page";
import { getReading } from "../../readings";
import { DeleteReadingButton } from "./delete-reading-button";
import { ReadingContent } from "./reading-content";
import { ShareReading } from "./share-reading";

export const readingPage: ProductPage = {
  async title({ userId, locale, params: { id = "" } }) {
    const reading = await findReading(userId, id);
    if (reading !== null) return reading.name;
    const t = await getTranslations({ locale, namespace: "bazi.reading" });
    return t("goneTitle");
  },
  render: renderReading,
};

/** One query for the title and the content. */
const findReading = cache((userId: string, id: string) => getReading(db, { userId, id }));

async function renderReading({ userId, locale, params: { id = "" } }: ProductPageProps) {
  const reading = await findReading(userId, id);
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
        <ReadingContent reading={reading} locale={locale} now={at} />
        <div className="grid gap-6 border-t pt-6 print:hidden">
          <ShareReading id={id} token={reading.shareToken} />
          <div>
            <DeleteReadingButton
              reading={{ id, name: reading.name }}
              costCredits={getFeature("bazi-reading").cost}
            />
          </div>
        </div>
      </div>
    </>
  );
}
