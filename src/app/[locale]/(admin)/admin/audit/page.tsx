import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { requireAdminPage } from "@/accounts/session";
import { AUDIT_ACTIONS, auditQuery, readAuditPage } from "@/admin/audit";
import { FilterForm, OrderField, SearchField, SelectField } from "@/components/admin/filter-form";
import { hrefOf, paginationHrefs } from "@/components/admin/hrefs";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { Pagination } from "@/components/ui/pagination";
import { db } from "@/db";
import { isLocale } from "@/lib/locales";
import type { AdminPageProps } from "../page-props";
import { AuditTable } from "./audit-table";

const PATH = "/admin/audit";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.audit"))("title") };
}

export default async function AuditPage({ params, searchParams }: AdminPageProps) {
  await requireAdminPage();
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.audit");
  const { older, newer, ...filter } = auditQuery.parse(await searchParams);
  const { page, emails } = await readAuditPage(db, { ...filter, older, newer });
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} />
      <FilterForm path={PATH} filtered={hrefOf(PATH, filter) !== PATH}>
        <SearchField label={t("search")} placeholder={t("searchHint")} value={filter.q} />
        <SelectField
          label={t("action")}
          name="action"
          value={filter.action}
          options={[
            { value: "any", label: t("anyAction") },
            ...AUDIT_ACTIONS.map((value) => ({ value, label: t(`actions.${value}`) })),
          ]}
        />
        <OrderField value={filter.order} />
      </FilterForm>
      {page.rows.length === 0 ? (
        <EmptyState title={t("empty")}>{t("emptyHint")}</EmptyState>
      ) : (
        <AuditTable entries={page.rows} emails={emails} />
      )}
      <Pagination {...paginationHrefs(PATH, filter, page)} />
    </>
  );
}
