import { useTranslations } from "next-intl";
import type { readLedgerPage } from "@/admin/user";
import { addressOf } from "@/components/admin/address";
import { DownloadLink } from "@/components/admin/download-link";
import { SelectField } from "@/components/admin/filter-fields";
import { FilterForm } from "@/components/admin/filter-form";
import { Card, CardHeader } from "@/components/ui/card";
import { Pagination } from "@/components/ui/pagination";
import type { CreditType } from "@/credits/grant-credits";
import { creditType } from "@/db/schema";
import { LedgerTable } from "./ledger-table";

/** The person's ledger, newest first, one type or all; each debit unfolds to the lots it drew on. */
export function LedgerCard({
  userId,
  at,
  type,
  before,
  page,
}: {
  userId: string;
  at: Date | null;
  type: CreditType | undefined;
  before: number | undefined;
  page: Awaited<ReturnType<typeof readLedgerPage>>;
}) {
  const t = useTranslations("admin.user");
  const types = useTranslations("credits.types");
  const path = `/admin/users/${encodeURIComponent(userId)}`;
  const address = (turn: number | null) =>
    addressOf(path, { at: at?.toISOString(), type, before: turn });
  return (
    <Card id="ledger">
      <CardHeader
        title={t("ledger")}
        description={t("ledgerHint")}
        aside={<DownloadLink href={addressOf(`/api${path}/ledger.csv`, { type })} />}
      />
      <FilterForm path={path} filtered={type !== undefined || before !== undefined}>
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
      </FilterForm>
      {page.rows.length === 0 ? (
        <p className="text-muted-foreground text-sm">{t("noTransactions")}</p>
      ) : (
        <LedgerTable rows={page.rows} />
      )}
      <Pagination
        newerHref={
          page.newer === null ? null : address(page.newer === "newest" ? null : page.newer)
        }
        olderHref={page.older === null ? null : address(page.older)}
      />
    </Card>
  );
}
