import { ChevronRight } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Card, CardHeader } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { monthFlows } from "@/ledger/reports/flows";
import type { MonthUsage } from "@/ledger/reports/usage";
import { timeZoneName } from "@/lib/time-zones";
import { LazyUsageChart } from "./lazy-usage-chart";

/** Credits received and used per month, as a chart and as a table by type. */
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
        description={t("description", {
          months: months.length,
          zone: timeZoneName(timeZone, useLocale()),
        })}
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

/** The months, newest first, by credit type. Months without movements are omitted. */
function UsageTable({ months }: { months: readonly MonthUsage[] }) {
  const t = useTranslations("credits.usage");
  const filled = months.filter(({ types }) => types.length > 0).toReversed();
  return (
    <Table label={t("caption")}>
      <TableHead>
        <tr>
          <TableHeader>{t("month")}</TableHeader>
          <TableHeader>{t("type")}</TableHeader>
          <TableHeader numeric>{t("creditsIn")}</TableHeader>
          <TableHeader numeric>{t("creditsOut")}</TableHeader>
        </tr>
      </TableHead>
      {filled.map((month) => (
        <MonthRows key={month.month} {...month} />
      ))}
    </Table>
  );
}

function MonthRows({ month, types }: MonthUsage) {
  const t = useTranslations("credits.types");
  return (
    <TableBody className="border-b last:border-0">
      {types.map(({ type, creditsIn, creditsOut }, index) => (
        <TableRow key={type}>
          {index === 0 && (
            <th
              scope="rowgroup"
              rowSpan={types.length}
              className="py-2.5 pe-3 text-start align-top font-medium"
            >
              <DateTime instant={`${month}-01T00:00:00Z`} kind="month" timeZone="UTC" />
            </th>
          )}
          <TableCell className="whitespace-nowrap first:ps-3!">{t(`${type}.label`)}</TableCell>
          <TableCell numeric>{creditsIn > 0 && <Credits amount={creditsIn} signed />}</TableCell>
          <TableCell numeric>{creditsOut < 0 && <Credits amount={creditsOut} signed />}</TableCell>
        </TableRow>
      ))}
    </TableBody>
  );
}
