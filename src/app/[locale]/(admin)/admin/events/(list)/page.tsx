import { randomUUID } from "node:crypto";
import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { requireAdminPage } from "@/accounts/session";
import { eventsQuery, readEventsPage } from "@/admin/events/events";
import { HANDLED_EVENT_TYPES } from "@/billing/inbox/process-event";
import { FilterForm, OrderField, SearchField, SelectField } from "@/components/admin/filter-form";
import { hrefOf, paginationHrefs } from "@/components/admin/hrefs";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { Pagination } from "@/components/ui/pagination";
import { db } from "@/db";
import { stripeEventStatus } from "@/db/schema";
import { isLocale } from "@/lib/locales";
import type { AdminPageProps } from "../../page-props";
import { DeadLetters } from "./dead-letters";
import { EventsTable } from "./events-table";

const PATH = "/admin/events";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.events"))("title") };
}

export default async function EventsPage({ params, searchParams }: AdminPageProps) {
  await requireAdminPage();
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.events");
  const { older, newer, ...filter } = eventsQuery.parse(await searchParams);
  const { page, dead } = await readEventsPage(db, { ...filter, older, newer });
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} />
      {dead > 0 && <DeadLetters count={dead} formId={randomUUID()} />}
      <FilterForm path={PATH} filtered={hrefOf(PATH, filter) !== PATH}>
        <SearchField label={t("search")} placeholder={t("searchHint")} value={filter.q} />
        <SelectField
          label={t("status")}
          name="status"
          value={filter.status}
          options={["any" as const, ...stripeEventStatus.enumValues].map((value) => ({
            value,
            label: t(`statuses.${value}`),
          }))}
        />
        <SelectField
          label={t("type")}
          name="type"
          value={filter.type || "any"}
          options={[
            { value: "any", label: t("anyType") },
            ...HANDLED_EVENT_TYPES.map((value) => ({ value, label: value })),
          ]}
        />
        <OrderField value={filter.order} />
      </FilterForm>
      {page.rows.length === 0 ? (
        <EmptyState title={t("empty")}>{t("emptyHint")}</EmptyState>
      ) : (
        <EventsTable events={page.rows} />
      )}
      <Pagination {...paginationHrefs(PATH, filter, page)} />
    </>
  );
}
