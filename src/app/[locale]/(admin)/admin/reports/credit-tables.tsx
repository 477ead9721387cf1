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
import { FLOWS } from "@/ledger/reports/flows";
import type { CountedOutstanding } from "@/ledger/reports/outstanding";
import { monthName } from "@/lib/utc-period";

/** Each flow and the outstanding credits at the end of each month. */
export function BooksTable({ months }: { months: readonly MonthReport[] }) {
  const t = useTranslations("admin.reports");
  return (
    <Table cards label={t("books")}>
      <TableHead>
        <tr>
          <TableHeader>{t("month")}</TableHeader>
          {FLOWS.map((name) => (
            <TableHeader key={name} numeric>
              {t(name)}
            </TableHeader>
          ))}
          <TableHeader numeric>{t("atEnd")}</TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {months.map(({ month, flows, outstanding }) => (
          <TableRow key={month}>
            <TableCell>
              <DateTime instant={`${month}-01T00:00:00Z`} kind="month" timeZone="UTC" />
            </TableCell>
            {FLOWS.map((name) => (
              <TableCell key={name} numeric>
                <Credits amount={flows[name]} />
              </TableCell>
            ))}
            <TableCell numeric>
              <Credits amount={outstanding} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

/** Outstanding credits by type: the latest count and the last count of each earlier month. */
export function OutstandingTable({
  latest,
  earlier,
}: {
  latest: CountedOutstanding;
  earlier: readonly CountedOutstanding[];
}) {
  const t = useTranslations("admin.reports");
  const before = earlier.filter(
    ({ countedAt }) => monthName(countedAt) < monthName(latest.countedAt),
  );
  return (
    <Table cards label={t("outstanding")}>
      <TableHead>
        <tr>
          <TableHeader>{t("countedAt")}</TableHeader>
          <TableHeader>{t("type")}</TableHeader>
          <TableHeader numeric>{t("atEnd")}</TableHeader>
        </tr>
      </TableHead>
      {[latest, ...before].map((count) => (
        <CountRows key={count.countedAt.getTime()} count={count} />
      ))}
    </Table>
  );
}

function CountRows({ count }: { count: CountedOutstanding }) {
  const t = useTranslations("admin.reports");
  const types = useTranslations("credits.types");
  const rows = [
    ...count.byType.map(({ type, available }) => ({ name: types(`${type}.label`), available })),
    { name: t("held"), available: count.held },
    { name: t("debt"), available: -count.debt },
    { name: t("together"), available: count.available + count.held - count.debt },
  ];
  return (
    <TableBody className="border-b last:border-0">
      {rows.map(({ name, available }, index) => (
        <TableRow key={name}>
          {index === 0 && (
            <th
              scope="rowgroup"
              rowSpan={rows.length}
              className="whitespace-nowrap py-2.5 pe-3 text-start align-top font-medium"
            >
              <DateTime instant={count.countedAt} />
            </th>
          )}
          <TableCell className="whitespace-nowrap first:ps-3">{name}</TableCell>
          <TableCell numeric>
            <Credits amount={available} />
          </TableCell>
        </TableRow>
      ))}
    </TableBody>
  );
}

/** Transactions by UTC month and type, without empty months. */
export function UsageTable({ months }: { months: readonly MonthReport[] }) {
  const t = useTranslations("admin.reports");
  const filled = months.filter(({ totals }) => totals.length > 0);
  if (filled.length === 0) return <p className="text-muted-foreground text-sm">{t("empty")}</p>;
  return (
    <Table cards label={t("table")}>
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
