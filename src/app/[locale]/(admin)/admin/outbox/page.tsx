import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { requireAdminPage } from "@/accounts/session";
import { outboxQuery, readOutboxPage } from "@/admin/outbox";
import { FilterForm, OrderField, SearchField, SelectField } from "@/components/admin/filter-form";
import { hrefOf, paginationHrefs } from "@/components/admin/hrefs";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { Pagination } from "@/components/ui/pagination";
import { db } from "@/db";
import { outboxKind, outboxStatus } from "@/db/schema";
import { isLocale } from "@/lib/locales";
import type { AdminPageProps } from "../page-props";
import { OutboxTable } from "./outbox-table";

const PATH = "/admin/outbox";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.outbox"))("title") };
}

export default async function OutboxPage({ params, searchParams }: AdminPageProps) {
  await requireAdminPage();
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.outbox");
  const { older, newer, ...filter } = outboxQuery.parse(await searchParams);
  const { page, emails } = await readOutboxPage(db, { ...filter, older, newer });
  const kinds = ["any" as const, ...outboxKind.enumValues];
  const statuses = ["any" as const, ...outboxStatus.enumValues];
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} />
      <FilterForm path={PATH} filtered={hrefOf(PATH, filter) !== PATH}>
        <SearchField label={t("search")} placeholder={t("searchHint")} value={filter.q} />
        <SelectField
          label={t("kind")}
          name="kind"
          value={filter.kind}
          options={kinds.map((value) => ({ value, label: t(`kinds.${value}`) }))}
        />
        <SelectField
          label={t("status")}
          name="status"
          value={filter.status}
          options={statuses.map((value) => ({ value, label: t(`statuses.${value}`) }))}
        />
        <OrderField value={filter.order} />
      </FilterForm>
      {page.rows.length === 0 ? (
        <EmptyState title={t("empty")}>{t("emptyHint")}</EmptyState>
      ) : (
        <OutboxTable rows={page.rows} emails={emails} />
      )}
      <Pagination {...paginationHrefs(PATH, filter, page)} />
    </>
  );
}
