import { useTranslations } from "next-intl";
import type { EventChanges } from "@/admin/events/event-changes";
import { addressOf } from "@/components/admin/address";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Link } from "@/components/link";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";

/** The ledger's rows of a purchase, each leading to its place in the user's ledger. */
export function ChangedLedger({ userId, rows }: { userId: string; rows: EventChanges["ledger"] }) {
  const t = useTranslations("admin.user");
  const types = useTranslations("credits.types");
  const path = `/admin/users/${encodeURIComponent(userId)}`;
  return (
    <Table label={t("ledger")}>
      <TableHead>
        <tr>
          <TableHeader numeric>{t("seq")}</TableHeader>
          <TableHeader>{t("type")}</TableHeader>
          <TableHeader>{t("source")}</TableHeader>
          <TableHeader numeric>{t("bookedAt")}</TableHeader>
          <TableHeader numeric>{t("amount")}</TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <TableRow key={row.seq}>
            <TableCell numeric>
              <Link
                href={`${addressOf(path, { before: row.seq + 1 })}#ledger`}
                className="underline decoration-border underline-offset-4 hover:decoration-current"
              >
                {row.seq}
              </Link>
            </TableCell>
            <TableCell className="whitespace-nowrap">{types(`${row.type}.label`)}</TableCell>
            <TableCell className="min-w-40 break-all font-mono text-xs">
              {row.idempotencyKey}
            </TableCell>
            <TableCell numeric>
              <DateTime instant={row.bookedAt} />
            </TableCell>
            <TableCell numeric>
              <Credits amount={row.amount} signed />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
