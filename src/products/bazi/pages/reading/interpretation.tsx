import { useTranslations } from "next-intl";
import { DateTime } from "@/components/date-time";
import { Card } from "@/components/ui/card";
import type { Locale } from "@/lib/locales";
import type { Chart } from "../../chart/chart";
import { interpret } from "../../interpretation/interpret";

/** The interpretation of the stored chart in the page's language, as of `now`. */
export function Interpretation({
  chart,
  locale,
  now,
}: {
  chart: Chart;
  locale: Locale;
  now: Date;
}) {
  const t = useTranslations("bazi.reading");
  return (
    <Card>
      <header className="mb-6 grid gap-1">
        <h2 className="font-heading text-xl">{t("interpretationTitle")}</h2>
        <p className="text-muted-foreground text-sm">
          {t.rich("asOf", { date: () => <DateTime instant={now.toISOString()} kind="date" /> })}
        </p>
      </header>
      <div className="grid gap-8">
        {interpret(chart, { locale, now }).map(({ key, title, paragraphs }) => (
          <section key={key} className="grid gap-x-10 gap-y-3 lg:grid-cols-[14rem_minmax(0,68ch)]">
            <h3 className="font-semibold">{title}</h3>
            <div className="grid gap-3">
              {paragraphs.map(({ lead, text }) => (
                <p key={`${lead} ${text}`} className="leading-relaxed">
                  {lead !== null && <strong className="block font-medium text-sm">{lead}</strong>}
                  {text}
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
