import { useTranslations } from "next-intl";
import { Card, CardHeader } from "@/components/ui/card";
import type { Locale } from "@/lib/locales";
import type { Chart } from "../../chart/chart";
import { summarize } from "../../interpretation/interpret";

/** The main facts of the chart, above everything else. */
export function Summary({ chart, locale, now }: { chart: Chart; locale: Locale; now: Date }) {
  const t = useTranslations("bazi.reading");
  return (
    <Card>
      <CardHeader title={t("summaryTitle")} />
      <dl className="grid gap-x-10 gap-y-3 sm:grid-cols-[9rem_minmax(0,68ch)]">
        {summarize(chart, { locale, now }).map(({ lead, text }) => (
          <div key={lead} className="sm:contents">
            <dt className="text-muted-foreground text-sm sm:leading-relaxed">{lead}</dt>
            <dd className="text-pretty leading-relaxed">{text}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
