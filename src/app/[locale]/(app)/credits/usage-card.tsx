import { ChevronRight } from "lucide-react";
import { useTranslations } from "next-intl";
import { Card, CardHeader } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { monthFlows } from "@/ledger/reports/flows";
import type { MonthUsage } from "@/ledger/reports/usage";
import { LazyUsageChart } from "./lazy-usage-chart";
import { UsageTable } from "./usage-table";

/** What came in and went out month by month: a chart, and the same figures by type as a table. */
export function UsageCard({
  months,
  timeZone,
}: {
  months: readonly MonthUsage[];
  timeZone: string;
}) {
  const t = useTranslations("credits.usage");
  const hasMoved = months.some(({ types }) => types.length > 0);
  return (
    <Card>
      <CardHeader
        title={t("title")}
        description={t("description", { months: months.length, zone: timeZone })}
      />
      {hasMoved ? (
        <>
          <LazyUsageChart months={months.map(monthFlows)} />
          <details className="group mt-4">
            <summary className="flex list-none items-center gap-1.5 text-sm [&::-webkit-details-marker]:hidden">
              <ChevronRight
                aria-hidden="true"
                className="size-3.5 text-muted-foreground transition-transform group-open:rotate-90 motion-reduce:transition-none"
              />
              {t("table")}
            </summary>
            <div className="mt-3">
              <UsageTable months={months} />
            </div>
          </details>
        </>
      ) : (
        <EmptyState title={t("empty")} />
      )}
    </Card>
  );
}
