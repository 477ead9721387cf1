import { useTranslations } from "next-intl";
import { type Draw, LedgerTable } from "@/app/[locale]/(app)/credits/ledger-table";
import { Card, CardHeader } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import type { LotHistory as History } from "@/ledger/reads/lot-history";
import type { LedgerEntry } from "@/ledger/reads/search";

export function RecentEntries({
  rows,
  draws,
  histories,
}: {
  rows: readonly LedgerEntry[];
  draws: readonly Draw[];
  histories: ReadonlyMap<number, History>;
}) {
  const t = useTranslations("dashboard.recent");
  const ledger = useTranslations("credits.ledger");
  return (
    <Card>
      <CardHeader
        title={t("title")}
        aside={
          <LinkButton href="/credits#ledger" variant="link">
            {ledger("viewAll")}
          </LinkButton>
        }
      />
      {rows.length > 0 ? (
        <LedgerTable rows={rows} draws={draws} histories={histories} />
      ) : (
        <EmptyState title={ledger("empty")} />
      )}
    </Card>
  );
}
