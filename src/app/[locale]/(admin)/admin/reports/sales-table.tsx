import { useTranslations } from "next-intl";
import { netCents, type Sales } from "@/admin/reports/sales";
import { ItemName } from "@/components/admin/item-name";
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

/** What was paid for each plan and pack, month by month; currencies are never added up. */
export function SalesTable({ sales }: { sales: readonly Sales[] }) {
  const t = useTranslations("admin.reports");
  if (sales.length === 0) return <p className="text-muted-foreground text-sm">{t("noSales")}</p>;
  return (
    <Table label={t("sales")}>
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
