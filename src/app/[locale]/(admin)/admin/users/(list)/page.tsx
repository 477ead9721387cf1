import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { requireAdminPage } from "@/accounts/session";
import {
  listUsers,
  PAID_FILTERS,
  ROLE_FILTERS,
  STATE_FILTERS,
  usersQuery,
} from "@/admin/users/list-users";
import { FilterForm, OrderField, SearchField, SelectField } from "@/components/admin/filter-form";
import { hrefOf, paginationHrefs } from "@/components/admin/hrefs";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { Pagination } from "@/components/ui/pagination";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { isLocale } from "@/lib/locales";
import type { AdminPageProps } from "../../page-props";
import { UsersTable } from "./users-table";

const PATH = "/admin/users";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.users"))("title") };
}

export default async function UsersPage({ params, searchParams }: AdminPageProps) {
  await requireAdminPage();
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.users");
  const { older, newer, ...filter } = usersQuery.parse(await searchParams);
  const page = await listUsers(db, { filter: { ...filter, older, newer }, at: now() });
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} />
      <FilterForm path={PATH} filtered={hrefOf(PATH, filter) !== PATH}>
        <SearchField label={t("search")} placeholder={t("searchHint")} value={filter.q} />
        <SelectField
          label={t("role")}
          name="role"
          value={filter.role}
          options={ROLE_FILTERS.map((value) => ({ value, label: t(`roles.${value}`) }))}
        />
        <SelectField
          label={t("state")}
          name="state"
          value={filter.state}
          options={STATE_FILTERS.map((value) => ({ value, label: t(`states.${value}`) }))}
        />
        <SelectField
          label={t("membership")}
          name="paid"
          value={filter.paid}
          options={PAID_FILTERS.map((value) => ({ value, label: t(`memberships.${value}`) }))}
        />
        <OrderField value={filter.order} />
      </FilterForm>
      {page.rows.length === 0 ? (
        <EmptyState title={t("empty")}>{t("emptyHint")}</EmptyState>
      ) : (
        <UsersTable users={page.rows} />
      )}
      <Pagination {...paginationHrefs(PATH, filter, page)} />
    </>
  );
}
