import { useTranslations } from "next-intl";
import { Card, CardHeader } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import { Pagination } from "@/components/ui/pagination";
import type { CreditType } from "@/credits/grant-credits";
import { LEDGER_TYPES, ledgerHref } from "./ledger-page";
import type { Draw, LedgerRow } from "./ledger-rows";
import { LedgerTable } from "./ledger-table";
import { TypeFilter } from "./type-filter";

/** One page of the ledger with its filter. */
export function LedgerCard({
  rows,
  draws,
  type,
  isFirstPage,
  nextBefore,
}: {
  rows: readonly LedgerRow[];
  draws: readonly Draw[];
  type: CreditType | null;
  isFirstPage: boolean;
  nextBefore: number | null;
}) {
  const t = useTranslations("credits.ledger");
  return (
    <Card id="ledger" className="scroll-mt-32">
      <CardHeader
        title={t("title")}
        description={t("description")}
        aside={<TypeFilter value={type} types={LEDGER_TYPES} />}
      />
      {rows.length > 0 ? (
        <LedgerTable rows={rows} draws={draws} />
      ) : (
        <EmptyState
          title={type === null ? t("empty") : t("emptyFilter")}
          action={type !== null && <LinkButton href="/credits#ledger">{t("showAll")}</LinkButton>}
        />
      )}
      <Pagination
        newestHref={isFirstPage ? null : ledgerHref({ type, before: null })}
        olderHref={nextBefore === null ? null : ledgerHref({ type, before: nextBefore })}
      />
    </Card>
  );
}
