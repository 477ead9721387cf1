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

/** The books month by month: each term, and what was outstanding at the end, from the ledger alone. */
export function BooksTable({ months }: { months: readonly MonthReport[] }) {
  const t = useTranslations("admin.reports");
  return (
    <Table label={t("books")}>
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
