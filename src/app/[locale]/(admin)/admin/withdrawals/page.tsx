import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { requireAdminPage } from "@/accounts/session";
import { listWithdrawals, WITHDRAWAL_FILTERS, withdrawalsQuery } from "@/admin/withdrawals";
import { REIMBURSEMENT_DAYS } from "@/billing/consumer-rights/withdrawal-rules";
import { catalog } from "@/catalog/catalog";
import { FilterForm, OrderField, SearchField, SelectField } from "@/components/admin/filter-form";
import { hrefOf, paginationHrefs } from "@/components/admin/hrefs";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { Pagination } from "@/components/ui/pagination";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { isLocale } from "@/lib/locales";
import type { AdminPageProps } from "../page-props";
import { WithdrawalTask } from "./withdrawal-task";

const PATH = "/admin/withdrawals";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.withdrawals"))("title") };
}

export default async function WithdrawalsPage({ params, searchParams }: AdminPageProps) {
  await requireAdminPage();
  if (catalog.consumerRights === null) notFound();
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.withdrawals");
  const { older, newer, ...filter } = withdrawalsQuery.parse(await searchParams);
  const page = await listWithdrawals(db, { ...filter, older, newer });
  return (
    <>
      <PageHeader title={t("title")} description={t("description", { days: REIMBURSEMENT_DAYS })} />
      <FilterForm path={PATH} filtered={hrefOf(PATH, filter) !== PATH}>
        <SearchField label={t("search")} placeholder={t("searchHint")} value={filter.q} />
        <SelectField
          label={t("status")}
          name="status"
          value={filter.status}
          options={WITHDRAWAL_FILTERS.map((value) => ({ value, label: t(`statuses.${value}`) }))}
        />
        <OrderField value={filter.order} />
      </FilterForm>
      {page.rows.length === 0 ? (
        <EmptyState title={t("empty")}>{t("emptyHint")}</EmptyState>
      ) : (
        <div className="grid gap-5">
          {page.rows.map((row) => (
            <WithdrawalTask key={row.id} row={row} now={now()} />
          ))}
        </div>
      )}
      <Pagination {...paginationHrefs(PATH, filter, page)} />
    </>
  );
}
