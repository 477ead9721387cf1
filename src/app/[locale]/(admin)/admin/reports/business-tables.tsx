import { useFormatter, useTranslations } from "next-intl";
import type { MonthReport } from "@/admin/reports/months";
import { netCents, type Sales } from "@/admin/reports/sales";
import type { MonthMembers } from "@/billing/subscriptions/membership";
import { ItemName } from "@/components/admin/item-name";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Money } from "@/components/money";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { breakageOf, type MonthLots } from "@/ledger/reports/breakage";

/** Payments by month, plan or pack, and currency. Currencies are never summed. */
export function SalesTable({ sales }: { sales: readonly Sales[] }) {
  const t = useTranslations("admin.reports");
  if (sales.length === 0) return <p className="text-muted-foreground text-sm">{t("noSales")}</p>;
  return (
    <Table cards label={t("sales")}>
      <TableHead>
        <tr>
          <TableHeader>{t("month")}</TableHeader>
          <TableHeader>{t("item")}</TableHeader>
          <TableHeader numeric>{t("payments")}</TableHeader>
          <TableHeader numeric>{t("paid")}</TableHeader>
          <TableHeader numeric>{t("refunded")}</TableHeader>
          <TableHeader numeric>{t("disputed")}</TableHeader>
          <TableHeader numeric>{t("afterRefunds")}</TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {sales.map(({ month, item, currency, payments, ...paid }) => (
          <TableRow key={`${month} ${item} ${currency}`}>
            <TableCell>
              <DateTime instant={`${month}-01T00:00:00Z`} kind="month" timeZone="UTC" />
            </TableCell>
            <TableCell className="whitespace-nowrap">
              <ItemName item={item} />
            </TableCell>
            <TableCell numeric>{payments}</TableCell>
            <TableCell numeric>
              <Money amountCents={paid.amountCents} currency={currency} />
            </TableCell>
            <TableCell numeric>
              <Money amountCents={paid.refundedCents} currency={currency} />
            </TableCell>
            <TableCell numeric>
              <Money amountCents={paid.disputedCents} currency={currency} />
            </TableCell>
            <TableCell numeric>
              <Money amountCents={netCents(paid)} currency={currency} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

/**
 * Members and expiry by month, with the share of the month's own lots that expired unused. A month that
 * is not counted yet has no members.
 */
export function MembersTable({
  members,
  lots,
  months,
}: {
  members: readonly MonthMembers[];
  lots: readonly MonthLots[];
  months: readonly MonthReport[];
}) {
  const t = useTranslations("admin.reports");
  const format = useFormatter();
  return (
    <Table cards label={t("membersTitle")}>
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
          const granted = lots.find((row) => row.month === month);
          const breakage = granted === undefined ? null : breakageOf(granted);
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
