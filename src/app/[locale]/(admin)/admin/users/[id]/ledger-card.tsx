import { useTranslations } from "next-intl";
import type { Draw, LedgerPageQuery, LedgerRow, readLedgerPage } from "@/admin/users/user";
import { DownloadLink } from "@/components/admin/download-link";
import { FilterForm, OrderField, SelectField } from "@/components/admin/filter-form";
import { hrefOf } from "@/components/admin/hrefs";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Disclosure } from "@/components/disclosure";
import { LotHistory } from "@/components/lot-history";
import { Badge } from "@/components/ui/badge";
import { Card, CardHeader } from "@/components/ui/card";
import { Pagination } from "@/components/ui/pagination";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import type { CreditType } from "@/ledger/grant";
import { creditType } from "@/ledger/schema";

/** One page of the user's ledger, of one type or all. Rows expand to allocations and lot histories. */
export function LedgerCard({
  userId,
  at,
  type,
  turn,
  page,
}: {
  userId: string;
  at: Date | null;
  type: CreditType | undefined;
  turn: LedgerPageQuery;
  page: Awaited<ReturnType<typeof readLedgerPage>>;
}) {
  const t = useTranslations("admin.user");
  const types = useTranslations("credits.types");
  const path = `/admin/users/${encodeURIComponent(userId)}`;
  const { order, before, after } = turn;
  const address = (place: { before?: number; after?: number }) =>
    hrefOf(path, { at: at?.toISOString(), type, order, ...place });
  return (
    <Card id="ledger">
      <CardHeader
        title={t("ledger")}
        description={t("ledgerHint")}
        aside={<DownloadLink href={hrefOf(`/api${path}/ledger.csv`, { type })} />}
      />
      <FilterForm
        path={path}
        filtered={
          type !== undefined || order !== "newest" || before !== undefined || after !== undefined
        }
      >
        {at && <input type="hidden" name="at" value={at.toISOString()} />}
        <SelectField
          label={t("type")}
          name="type"
          value={type ?? "any"}
          options={[
            { value: "any", label: t("allTypes") },
            ...creditType.enumValues.map((value) => ({ value, label: types(`${value}.label`) })),
          ]}
        />
        <OrderField value={order} />
      </FilterForm>
      {page.rows.length === 0 ? (
        <p className="text-muted-foreground text-sm">{t("noTransactions")}</p>
      ) : (
        <LedgerTable rows={page.rows} />
      )}
      <Pagination
        newerHref={page.newerAfter === null ? null : address({ after: page.newerAfter })}
        olderHref={page.olderBefore === null ? null : address({ before: page.olderBefore })}
      />
    </Card>
  );
}

function LedgerTable({ rows }: { rows: readonly LedgerRow[] }) {
  const t = useTranslations("admin.user");
  const ledger = useTranslations("credits.ledger");
  return (
    <Table cards label={t("ledger")}>
      <TableHead>
        <tr>
          <TableHeader numeric>{t("seq")}</TableHeader>
          <TableHeader>{t("type")}</TableHeader>
          <TableHeader>{t("source")}</TableHeader>
          <TableHeader numeric>{t("bookedAt")}</TableHeader>
          <TableHeader numeric>{t("amount")}</TableHeader>
          <TableHeader numeric>{t("balanceAfter")}</TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <TableRow key={row.seq}>
            <TableCell numeric>{row.seq}</TableCell>
            <TableCell className="whitespace-nowrap">
              <TransactionType row={row} />
            </TableCell>
            <TableCell className="min-w-40 break-all font-mono text-xs">{row.source}</TableCell>
            <TableCell numeric>
              {row.bookedAt ? (
                <DateTime instant={row.bookedAt} />
              ) : (
                <Badge>{ledger("notBooked")}</Badge>
              )}
            </TableCell>
            <TableCell numeric>
              <Credits amount={row.amount} signed />
            </TableCell>
            <TableCell numeric>
              <Credits amount={row.balanceAfter} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

/** The type of the transaction. Expands to its details if there are any. */
function TransactionType({ row }: { row: LedgerRow }) {
  const t = useTranslations("admin.user");
  const label = useTranslations("credits.types")(`${row.type}.label`);
  const related = relatedOf(row);
  const late = row.effectiveAt.getTime() !== row.bookedAt?.getTime();
  if (row.draws.length === 0 && related === null && !late && row.lot === undefined) return label;
  return (
    <Disclosure title={label}>
      <ul className="grid gap-1 text-muted-foreground text-xs">
        {late && (
          <li>
            {t("effectiveAt")} <DateTime instant={row.effectiveAt} />
          </li>
        )}
        {related && <li>{t(related.key, { seq: related.seq })}</li>}
        {row.debtMade !== null && row.debtMade > 0 && (
          <li>
            {t("debtMade")} <Credits amount={row.debtMade} />
          </li>
        )}
        {row.draws.map((draw) => (
          <DrawLine key={`${draw.lotSeq} ${draw.amount}`} draw={draw} />
        ))}
      </ul>
      {row.lot && <LotHistory amount={row.amount} grantedAt={row.effectiveAt} history={row.lot} />}
    </Disclosure>
  );
}

function DrawLine({ draw }: { draw: Draw }) {
  const t = useTranslations("admin.user");
  const types = useTranslations("credits.types");
  return (
    <li>
      <Credits amount={Math.abs(draw.amount)} />{" "}
      {t(draw.amount > 0 ? "drawnFrom" : "returnedTo", {
        seq: draw.lotSeq,
        type: types(`${draw.lotType}.label`),
      })}
    </li>
  );
}

function relatedOf({ type, lotSeq, relatedSeq }: LedgerRow) {
  if (lotSeq !== null) return { key: "expiredLot", seq: lotSeq } as const;
  if (relatedSeq === null) return null;
  return { key: type === "RESTORE" ? "restores" : "refunds", seq: relatedSeq } as const;
}
