import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { cache } from "react";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { now } from "@/lib/clock";
import type { PublicProductPage } from "@/product/page";
import { findSharedReading } from "../../readings";
import { ReadingContent } from "../reading/reading-content";

/** The public page behind the private link of a reading. Search engines must not list it. */
export const sharedReadingPage: PublicProductPage = {
  async metadata({ locale, params: { token = "" } }) {
    const reading = await findReading(token);
    const t = await getTranslations({ locale, namespace: "bazi.reading" });
    return { title: reading?.name ?? t("goneTitle"), canonicalPath: null };
  },
  async render({ locale, params: { token = "" } }) {
    const reading = await findReading(token);
    if (reading === null) notFound();
    const t = await getTranslations("bazi.reading");
    return (
      <>
        <PageHeader title={reading.name} description={t("sharedBy")} />
        <div className="grid grid-cols-1 gap-8">
          <ReadingContent reading={reading} locale={locale} now={now()} />
        </div>
      </>
    );
  },
};

/** One query for the title and the content. */
const findReading = cache((token: string) => findSharedReading(db, token));
