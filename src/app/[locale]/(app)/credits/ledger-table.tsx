import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Credits } from "@/components/credits";
import { DateTime } from "@/components/date-time";
import { Disclosure } from "@/components/disclosure";
import { Link } from "@/components/link";
import { LotHistory } from "@/components/lot-history";
import { Badge } from "@/components/ui/badge";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { useCreditsText } from "@/components/use-credits-text";
import type { getDraws } from "@/ledger/reads/balance";
import type { LotHistory as History } from "@/ledger/reads/lot-history";
import type { LedgerEntry } from "@/ledger/reads/search";
import { findChargedSource } from "@/product/charged-source";
import type { EntryName } from "./entry-names";

/** How much a debit drew on one lot. Negative for credits returned to the lot. */
export type Draw = Awaited<ReturnType<typeof getDraws>>[number];

/** Ledger entries with the balance after each one. Every entry expands to its details. */
export function LedgerTable({
  rows,
  draws,
  histories,
  names,
}: {
  rows: readonly LedgerEntry[];
  draws: readonly Draw[];
  /** Histories of the granted lots, by the entry's number. */
  histories: ReadonlyMap<number, History>;
  /** What the entries were, by their number. */
  names: ReadonlyMap<number, EntryName>;
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
              <DateTime instant={dateOf(row)} kind="date" />
            </TableCell>
            <TableCell className="max-sm:ps-0">
              <LedgerDetails
                row={row}
                draws={draws.filter((draw) => draw.transactionSeq === row.seq)}
                lot={histories.get(row.seq)}
                name={names.get(row.seq)}
              />
              <span className="block ps-5 text-muted-foreground text-xs sm:hidden">
                <DateTime instant={dateOf(row)} kind="date" />
              </span>
            </TableCell>
            <TableCell numeric className="max-sm:pe-0">
              <Credits amount={row.amount} signed />
              <span className="block text-muted-foreground text-xs break-keep max-[359px]:whitespace-normal sm:hidden">
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

/** When an expiry took effect, however late it was booked; when anything else was booked. */
function dateOf({ type, bookedAt, effectiveAt }: LedgerEntry): Date {
  return type === "EXPIRE" ? effectiveAt : (bookedAt ?? effectiveAt);
}

/** Returns the name of an entry's type. An expiry says what expired. */
function useTypeName(): (row: LedgerEntry) => string {
  const t = useTranslations("credits");
  return ({ type, lotType }) =>
    lotType === null
      ? t(`types.${type}.label`)
      : t("ledger.expired", { kind: t(`types.${lotType}.label`) });
}

/**
 * The name of an entry, which expands to its meaning, the lots it drew on, its source and, for a
 * grant, the history of its lot.
 */
function LedgerDetails({
  row,
  draws,
  lot,
  name,
}: {
  row: LedgerEntry;
  draws: readonly Draw[];
  /** The history of the lot that the entry granted. */
  lot: History | undefined;
  name: EntryName | undefined;
}) {
  const t = useTranslations("credits");
  const charged = findChargedSource(row.source, useLocale());
  const label = isPayment(row.source) ? t("ledger.openPayment") : charged?.label;
  const nameOf = useTypeName();
  const drawn = draws.filter((draw) => draw.amount > 0);
  const returned = draws.filter((draw) => draw.amount < 0);
  return (
    <Disclosure
      title={
        <>
          {name?.text ?? nameOf(row)}
          {row.bookedAt === null && <Badge>{t("ledger.notBooked")}</Badge>}
        </>
      }
    >
      <div className="grid max-w-lg gap-2 text-muted-foreground">
        <p>{t(`types.${row.type}.explain`)}</p>
        {drawn.length > 0 && <Draws title={t("ledger.drawnFrom")} draws={drawn} />}
        {returned.length > 0 && <Draws title={t("ledger.returnedTo")} draws={returned} />}
        <dl className="grid grid-cols-[auto_1fr] gap-x-4">
          <Fact name={t("ledger.number")}>{row.seq}</Fact>
          <Fact name={t("ledger.booked")}>
            {row.bookedAt ? <DateTime instant={row.bookedAt} /> : t("ledger.notBooked")}
          </Fact>
          {row.effectiveAt.getTime() !== row.bookedAt?.getTime() && (
            <Fact name={t("ledger.effective")}>
              <DateTime instant={row.effectiveAt} />
            </Fact>
          )}
          {name?.href && (
            <Fact name={t("ledger.source")}>
              <Link href={name.href} className="text-foreground underline underline-offset-4">
                {label ?? name.text}
              </Link>
            </Fact>
          )}
        </dl>
        {lot && <LotHistory amount={row.amount} grantedAt={row.effectiveAt} history={lot} />}
      </div>
    </Disclosure>
  );
}

function isPayment(source: string): boolean {
  return /^(checkout|invoice):/.test(source);
}

function Draws({ title, draws }: { title: string; draws: readonly Draw[] }) {
  const t = useTranslations("credits");
  const credits = useCreditsText();
  return (
    <div>
      <p>{title}</p>
      <ul className="text-foreground">
        {draws.map((draw) => (
          <li key={draw.lotSeq}>
            {t.rich("ledger.draw", {
              credits: credits(Math.abs(draw.amount)),
              kind: t(`types.${draw.lotType}.label`),
              granted: () => <DateTime instant={draw.lotGrantedAt} kind="date" />,
            })}
            {draw.lotExpiresAt && <DrawExpiry expiresAt={draw.lotExpiresAt} />}
          </li>
        ))}
      </ul>
    </div>
  );
}

function DrawExpiry({ expiresAt }: { expiresAt: Date }) {
  const t = useTranslations("credits.ledger");
  return (
    <span className="ms-2 text-muted-foreground">
      {t.rich("drawExpires", { date: () => <DateTime instant={expiresAt} kind="date" /> })}
    </span>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="whitespace-nowrap">{name}</dt>
      <dd className="text-foreground tabular-nums">{children}</dd>
    </>
  );
}
