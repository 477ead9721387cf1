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
import type { CountedOutstanding } from "@/ledger/reports/outstanding";
import { monthName } from "@/lib/utc-period";

/** What was outstanding by type, as counted last and at the last count of each month before. */
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
    <Table label={t("outstanding")}>
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
