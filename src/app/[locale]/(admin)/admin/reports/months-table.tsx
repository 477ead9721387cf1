import { useFormatter, useTranslations } from "next-intl";
import { breakageOf, type MonthReport } from "@/admin/reports/months";
import type { MonthMembers } from "@/billing/subscriptions/membership";
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

/** Members and what expired unused, month by month; a month that nobody has counted yet has no members. */
export function MonthsTable({
  members,
  months,
}: {
  members: readonly MonthMembers[];
  months: readonly MonthReport[];
}) {
  const t = useTranslations("admin.reports");
  const format = useFormatter();
  return (
    <Table label={t("membersTitle")}>
      <TableHead>
        <tr>
          <TableHeader>{t("month")}</TableHeader>
          <TableHeader numeric>{t("members")}</TableHeader>
          <TableHeader numeric>{t("newMembers")}</TableHeader>
          <TableHeader numeric>{t("granted")}</TableHeader>
          <TableHeader numeric>{t("expired")}</TableHeader>
          <TableHeader numeric>{t("breakage")}</TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {months.map(({ month, flows }) => {
          const counted = members.find((row) => row.month === month);
          const breakage = breakageOf(flows);
          return (
            <TableRow key={month}>
              <TableCell>
                <DateTime instant={`${month}-01T00:00:00Z`} kind="month" timeZone="UTC" />
              </TableCell>
              <TableCell numeric>{counted?.members ?? "–"}</TableCell>
              <TableCell numeric>{counted?.newMembers ?? "–"}</TableCell>
              <TableCell numeric>
                <Credits amount={flows.granted + flows.added} />
              </TableCell>
              <TableCell numeric>
                <Credits amount={flows.expired} />
              </TableCell>
              <TableCell numeric>
                {breakage === null
                  ? "–"
                  : format.number(breakage, { style: "percent", maximumFractionDigits: 1 })}
              </TableCell>
            </TableRow>
          );
        })}
      </TableBody>
    </Table>
  );
}
