import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { requireAdminPage } from "@/accounts/session";
import {
  freeCreditsQuery,
  NETWORK_DAYS,
  REASON_FILTERS,
  RELEASE_FILTERS,
  readFreeCreditsPage,
} from "@/admin/free-credits";
import { FilterForm, OrderField, SearchField, SelectField } from "@/components/admin/filter-form";
import { hrefOf, paginationHrefs } from "@/components/admin/hrefs";
import { Card, CardHeader } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { Pagination } from "@/components/ui/pagination";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { isLocale } from "@/lib/locales";
import { GIFTS_PER_NETWORK_AND_DAY } from "@/rewards/free-credits-rule";
import type { AdminPageProps } from "../page-props";
import { NetworksTable } from "./networks-table";
import { WithheldTable } from "./withheld-table";

const PATH = "/admin/free-credits";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.freeCredits"))("title") };
}

export default async function FreeCreditsPage({ params, searchParams }: AdminPageProps) {
  await requireAdminPage();
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.freeCredits");
  const at = now();
  const { older, newer, ...filter } = freeCreditsQuery.parse(await searchParams);
  const { page, networks, emails } = await readFreeCreditsPage(db, {
    filter: { ...filter, older, newer },
    now: at,
  });
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} />
      <FilterForm path={PATH} filtered={hrefOf(PATH, filter) !== PATH}>
        <SearchField label={t("search")} placeholder={t("searchHint")} value={filter.q} />
        <SelectField
          label={t("reason")}
          name="reason"
          value={filter.reason}
          options={REASON_FILTERS.map((value) => ({ value, label: t(`reasons.${value}`) }))}
        />
        <SelectField
          label={t("state")}
          name="state"
          value={filter.state}
          options={RELEASE_FILTERS.map((value) => ({ value, label: t(`states.${value}`) }))}
        />
        <OrderField value={filter.order} />
      </FilterForm>
      {page.rows.length === 0 ? (
        <EmptyState title={t("empty")}>{t("emptyHint")}</EmptyState>
      ) : (
        <WithheldTable claims={page.rows} emails={emails} now={at} />
      )}
      <Pagination {...paginationHrefs(PATH, filter, page)} />
      <Card className="mt-8">
        <CardHeader
          title={t("networks")}
          description={t("networksHint", { days: NETWORK_DAYS, gifts: GIFTS_PER_NETWORK_AND_DAY })}
        />
        {networks.length === 0 ? (
          <EmptyState title={t("noSignUps")} />
        ) : (
          <NetworksTable networks={networks} path={PATH} />
        )}
      </Card>
    </>
  );
}
