import { useTranslations } from "next-intl";
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
import type { MonthUsage } from "@/ledger/reports/usage";

/** Month by month, newest first, and type by type. Months in which nothing moved are left out. */
export function UsageTable({ months }: { months: readonly MonthUsage[] }) {
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
