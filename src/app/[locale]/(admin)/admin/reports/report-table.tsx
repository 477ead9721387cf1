import { useTranslations } from "next-intl";
import type { MonthReport } from "@/admin/reports/months";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";

/** Month by month and type by type; months are UTC's. A month without transactions is left out. */
export function ReportTable({ reports }: { reports: readonly MonthReport[] }) {
  const t = useTranslations("admin.reports");
  const filled = reports.filter(({ totals }) => totals.length > 0);
  if (filled.length === 0) return <p className="text-muted-foreground text-sm">{t("empty")}</p>;
  return (
    <Table label={t("table")}>
      <TableHead>
        <tr>
          <TableHeader>{t("month")}</TableHeader>
          <TableHeader>{t("type")}</TableHeader>
          <TableHeader numeric>{t("transactions")}</TableHeader>
          <TableHeader numeric>{t("creditsIn")}</TableHeader>
          <TableHeader numeric>{t("creditsOut")}</TableHeader>
          <TableHeader numeric>{t("net")}</TableHeader>
        </tr>
      </TableHead>
      {filled.map((report) => (
        <MonthRows key={report.month} report={report} />
      ))}
    </Table>
  );
}

function MonthRows({ report: { month, totals } }: { report: MonthReport }) {
  const types = useTranslations("credits.types");
  return (
    <TableBody className="border-b last:border-0">
      {totals.map(({ type, transactions, creditsIn, creditsOut }, index) => (
        <TableRow key={type}>
          {index === 0 && (
            <th
              scope="rowgroup"
              rowSpan={totals.length}
              className="whitespace-nowrap py-2.5 pe-3 text-start align-top font-medium"
            >
              <DateTime instant={`${month}-01T00:00:00Z`} kind="month" timeZone="UTC" />
            </th>
          )}
          <TableCell className="whitespace-nowrap first:ps-3!">{types(`${type}.label`)}</TableCell>
          <TableCell numeric>{transactions}</TableCell>
          <TableCell numeric>
            <Credits amount={creditsIn} />
          </TableCell>
          <TableCell numeric>
            <Credits amount={creditsOut} />
          </TableCell>
          <TableCell numeric>
            <Credits amount={creditsIn + creditsOut} signed />
          </TableCell>
        </TableRow>
      ))}
    </TableBody>
  );
}
