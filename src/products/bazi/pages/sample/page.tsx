import { getTranslations } from "next-intl/server";
import { PageHeader } from "@/components/ui/page-header";
import { PlainLinkButton } from "@/components/ui/plain-link-button";
import { now } from "@/lib/clock";
import type { PublicProductPage } from "@/product/page";
import { birthInputSchema } from "../../birth/input";
import { computeChart } from "../../chart/compute-chart";
import { ReadingContent } from "../reading/reading-content";

/** The birth of the chart on the landing page. */
const SAMPLE_BIRTH = birthInputSchema.parse({
  name: "-",
  gender: "female",
  calendar: "solar",
  year: 1992,
  month: 9,
  day: 8,
  isLeapMonth: false,
  time: "06:15",
  place: { kind: "city", cityId: "hangzhou" },
  useTrueSolarTime: false,
  dayChangesAt: "midnight",
});

/** A complete reading for visitors, of the birth on the landing page. */
export const samplePage: PublicProductPage = {
  async metadata({ locale }) {
    const t = await getTranslations({ locale, namespace: "bazi.sample" });
    return { title: t("title"), description: t("text"), canonicalPath: "/sample" };
  },
  async render({ locale }) {
    const t = await getTranslations("bazi.sample");
    return (
      <>
        <PageHeader
          title={t("title")}
          description={t("text")}
          action={
            <PlainLinkButton href="/bazi/new" variant="primary">
              {t("start")}
            </PlainLinkButton>
          }
        />
        <div className="grid grid-cols-1 gap-8">
          <ReadingContent
            reading={{ chart: computeChart(SAMPLE_BIRTH), name: t("name") }}
            locale={locale}
            now={now()}
          />
        </div>
      </>
    );
  },
};
