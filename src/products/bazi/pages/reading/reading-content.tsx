import type { Locale } from "@/lib/locales";
import type { Chart } from "../../chart/chart";
import { ChartSheet } from "./chart-sheet";
import { Interpretation } from "./interpretation";
import { Summary } from "./summary";

/** A reading: its summary, the chart and the interpretation, in the page's language as of `now`. */
export function ReadingContent({
  reading: { chart, name },
  locale,
  now,
}: {
  reading: { chart: Chart; name: string };
  locale: Locale;
  now: Date;
}) {
  return (
    <>
      <Summary chart={chart} locale={locale} now={now} />
      <ChartSheet chart={chart} name={name} now={now} />
      <Interpretation chart={chart} locale={locale} now={now} />
    </>
  );
}
