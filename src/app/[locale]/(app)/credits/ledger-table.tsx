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
import { useCreditsText } from "@/components/use-credits-text";
import type { LotHistory as History } from "@/ledger/reads/lot-history";
import type { LedgerEntry } from "@/ledger/reads/search";
import { LedgerDetails } from "./ledger-details";
import type { Draw } from "./ledger-rows";

/** Rows of the ledger with what was left after each; every one unfolds to what is behind it. */
export function LedgerTable({
  rows,
  draws,
  histories,
}: {
  rows: readonly LedgerEntry[];
  draws: readonly Draw[];
  /** What became of the lots that entries made, by the entry's number. */
  histories: ReadonlyMap<number, History>;
}) {
  const t = useTranslations("credits");
  const credits = useCreditsText();
  return (
    <Table label={t("ledger.caption")}>
      <TableHead>
        <tr>
          <TableHeader className="hidden w-36 sm:table-cell">{t("ledger.date")}</TableHeader>
          <TableHeader className="max-sm:ps-0">{t("ledger.entry")}</TableHeader>
          <TableHeader numeric className="max-sm:pe-0">
            {t("ledger.amount")}
          </TableHeader>
          <TableHeader numeric className="hidden sm:table-cell">
            {t("ledger.balance")}
          </TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <TableRow key={row.seq} id={`entry-${row.seq}`} className="target:bg-muted">
            <TableCell className="hidden text-muted-foreground sm:table-cell">
              <DateTime instant={row.bookedAt ?? row.effectiveAt} kind="date" />
            </TableCell>
            <TableCell className="max-sm:ps-0">
              <LedgerDetails
                row={row}
                draws={draws.filter((draw) => draw.transactionSeq === row.seq)}
                lot={histories.get(row.seq)}
              />
              <span className="block ps-5 text-muted-foreground text-xs sm:hidden">
                <DateTime instant={row.bookedAt ?? row.effectiveAt} kind="date" />
              </span>
            </TableCell>
            <TableCell numeric className="max-sm:pe-0">
              <Credits amount={row.amount} signed />
              <span className="block text-muted-foreground text-xs sm:hidden">
                {t("ledger.after", { credits: credits(row.balanceAfter) })}
              </span>
            </TableCell>
            <TableCell numeric className="hidden sm:table-cell">
              <Credits amount={row.balanceAfter} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}
