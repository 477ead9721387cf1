import { useFormatter, useTranslations } from "next-intl";
import { breakageOf, type MonthMembers } from "@/admin/business";
import type { MonthFlows } from "@/components/admin/flows-chart";
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

/** Members and what expired unused, month by month. */
export function MonthsTable({
  members,
  flows,
}: {
  members: readonly MonthMembers[];
  flows: readonly MonthFlows[];
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
        {members.map(({ month, members: count, newMembers }) => {
          const { granted = 0, expired = 0 } = flows.find((flow) => flow.month === month) ?? {};
          const breakage = breakageOf({ granted, expired });
          return (
            <TableRow key={month}>
              <TableCell>
                <DateTime instant={`${month}-01T00:00:00Z`} kind="month" timeZone="UTC" />
              </TableCell>
              <TableCell numeric>{count}</TableCell>
              <TableCell numeric>{newMembers}</TableCell>
              <TableCell numeric>
                <Credits amount={granted} />
              </TableCell>
              <TableCell numeric>
                <Credits amount={expired} />
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
