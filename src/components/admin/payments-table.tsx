import { useTranslations } from "next-intl";
import type { Payment } from "@/billing/queries";
import { Credits } from "../credits";
import { DateTime } from "../date-time";
import { Link } from "../link";
import { Money } from "../money";
import { Badge } from "../ui/badge";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "../ui/table";
import { ItemName } from "./item-name";

/** Payments, newest first, each with what came back of it. */
export function PaymentsTable({
  payments,
  showUser,
}: {
  payments: readonly Payment[];
  showUser: boolean;
}) {
  const t = useTranslations("admin.payments");
  return (
    <Table label={t("title")}>
      <TableHead>
        <tr>
          <TableHeader numeric>{t("paidAt")}</TableHeader>
          <TableHeader>{t("item")}</TableHeader>
          {showUser && <TableHeader>{t("user")}</TableHeader>}
          <TableHeader>{t("id")}</TableHeader>
          <TableHeader numeric>{t("credits")}</TableHeader>
          <TableHeader numeric>{t("amount")}</TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {payments.map((payment) => (
          <TableRow key={payment.id}>
            <TableCell numeric>
              <DateTime instant={payment.paidAt} />
            </TableCell>
            <TableCell>
              <ItemName item={payment.item} />
            </TableCell>
            {showUser && (
              <TableCell className="break-all font-mono text-xs">
                <Link
                  href={`/admin/users/${encodeURIComponent(payment.userId)}`}
                  className="underline decoration-border underline-offset-4 hover:decoration-current"
                >
                  {payment.userId}
                </Link>
              </TableCell>
            )}
            <TableCell className="break-all font-mono text-xs">{payment.id}</TableCell>
            <TableCell numeric>
              <Credits amount={payment.credits} />
            </TableCell>
            <TableCell numeric>
              <Money amountCents={payment.amountCents} currency={payment.currency} />
              {payment.refundedCents > 0 && (
                <Badge tone="warning" className="ms-2">
                  {t("refunded")}{" "}
                  <Money amountCents={payment.refundedCents} currency={payment.currency} />
                </Badge>
              )}
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
