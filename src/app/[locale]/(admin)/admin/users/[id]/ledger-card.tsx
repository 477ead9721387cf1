import { useTranslations } from "next-intl";
import type { LedgerPageQuery, readLedgerPage } from "@/admin/users/user";
import { addressOf } from "@/components/admin/address";
import { DownloadLink } from "@/components/admin/download-link";
import { OrderField, SelectField } from "@/components/admin/filter-fields";
import { FilterForm } from "@/components/admin/filter-form";
import { Card, CardHeader } from "@/components/ui/card";
import { Pagination } from "@/components/ui/pagination";
import type { CreditType } from "@/ledger/grant";
import { creditType } from "@/ledger/schema";
import { LedgerTable } from "./ledger-table";

/**
 * The person's ledger, one type or all; each debit unfolds to the lots it drew on, each grant to where
 * it went.
 */
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
    addressOf(path, { at: at?.toISOString(), type, order, ...place });
  return (
    <Card id="ledger">
      <CardHeader
        title={t("ledger")}
        description={t("ledgerHint")}
        aside={<DownloadLink href={addressOf(`/api${path}/ledger.csv`, { type })} />}
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
