import { useTranslations } from "next-intl";
import type { Draw, LedgerRow } from "@/app/[locale]/(app)/credits/ledger-rows";
import { LedgerTable } from "@/app/[locale]/(app)/credits/ledger-table";
import { Card, CardHeader } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";

/** The last few entries of the ledger. */
export function RecentEntries({
  rows,
  draws,
}: {
  rows: readonly LedgerRow[];
  draws: readonly Draw[];
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
        <LedgerTable rows={rows} draws={draws} />
      ) : (
        <EmptyState title={ledger("empty")} />
      )}
    </Card>
  );
}
