import { useTranslations } from "next-intl";
import type { Chart } from "@/bazi/chart";
import { interpret } from "@/bazi/interpretation/interpret";
import { DateTime } from "@/components/date-time";
import { Card } from "@/components/ui/card";
import type { Locale } from "@/lib/locales";

/** The written interpretation in the page's language, composed from the stored chart. */
export function Interpretation({ chart, locale }: { chart: Chart; locale: Locale }) {
  const t = useTranslations("bazi.reading");
  return (
    <Card>
      <header className="mb-6 grid gap-1">
        <h2 className="font-heading text-xl">{t("interpretationTitle")}</h2>
        <p className="text-muted-foreground text-sm">
          {t.rich("asOf", { date: () => <DateTime instant={chart.asOfAt} kind="date" /> })}
        </p>
      </header>
      <div className="grid gap-8">
        {interpret(chart, locale).map(({ key, title, paragraphs }) => (
          <section key={key} className="grid gap-x-10 gap-y-3 lg:grid-cols-[14rem_minmax(0,68ch)]">
            <h3 className="font-semibold">{title}</h3>
            <div className="grid gap-3">
              {paragraphs.map((paragraph) => (
                <p key={paragraph} className="leading-relaxed">
                  {paragraph}
                </p>
              ))}
            </div>
          </section>
        ))}
      </div>
      <p className="mt-8 border-t pt-4 text-muted-foreground text-sm">{t("disclaimer")}</p>
    </Card>
  );
}
