import { Download } from "lucide-react";
import { useLocale, useTranslations } from "next-intl";
import { buttonVariants } from "@/components/ui/button";
import { Card, CardHeader } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import { Pagination } from "@/components/ui/pagination";
import type { LotHistory as History } from "@/ledger/reads/lot-history";
import type { LedgerPage } from "@/ledger/reads/search";
import type { LedgerAddress } from "@/ledger/reads/search-input";
import { creditType } from "@/ledger/schema";
import type { Month } from "@/lib/local-day";
import type { EntryName } from "./entry-names";
import { LedgerFilter } from "./ledger-filter";
import { exportHref, isFiltered, ledgerHref } from "./ledger-links";
import { type Draw, LedgerTable } from "./ledger-table";

/** One page of the ledger with its filter and the CSV export. */
export function LedgerCard({
  address,
  page,
  draws,
  histories,
  names,
  months,
}: {
  address: LedgerAddress;
  page: LedgerPage;
  draws: readonly Draw[];
  histories: ReadonlyMap<number, History>;
  names: ReadonlyMap<number, EntryName>;
  months: readonly Month[];
}) {
  const t = useTranslations("credits");
  const locale = useLocale();
  const { type, from, to, q, order } = address;
  const filter = { type, from, to, q, order };
  const { rows, newerAfter, olderBefore } = page;
  return (
    <Card id="ledger" className="scroll-mt-32">
      <CardHeader
        title={t("ledger.title")}
        description={t("ledger.description")}
        aside={
          // A plain anchor, because the router cannot handle downloads.
          <a href={exportHref(address, locale)} download className={buttonVariants({ size: "sm" })}>
            <Download aria-hidden="true" />
            {t("export.link")}
          </a>
        }
      />
      <LedgerFilter address={address} types={creditType.enumValues} months={months} />
      {rows.length > 0 ? (
        <LedgerTable rows={rows} draws={draws} histories={histories} names={names} />
      ) : (
        <EmptyState
          title={isFiltered(address) ? t("ledger.emptyFilter") : t("ledger.empty")}
          action={
            isFiltered(address) && (
              <LinkButton href={ledgerHref({})}>{t("ledger.showAll")}</LinkButton>
            )
          }
        />
      )}
      <Pagination
        newestHref={newerAfter === null ? null : ledgerHref(filter)}
        newerHref={newerAfter === null ? null : ledgerHref({ ...filter, after: newerAfter })}
        olderHref={olderBefore === null ? null : ledgerHref({ ...filter, before: olderBefore })}
      />
    </Card>
  );
}
