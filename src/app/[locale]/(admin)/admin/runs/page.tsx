import { randomUUID } from "node:crypto";
import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { requireAdminPage } from "@/accounts/session";
import { readRunsPage, runsQuery } from "@/admin/distribution/runs";
import { FilterForm, OrderField, SelectField } from "@/components/admin/filter-form";
import { hrefOf, paginationHrefs } from "@/components/admin/hrefs";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { Pagination } from "@/components/ui/pagination";
import { db } from "@/db";
import { runStatus } from "@/ledger/distribution/schema";
import { isLocale } from "@/lib/locales";
import type { AdminPageProps } from "../page-props";
import { FailuresCard } from "./failures-card";
import { RunControls } from "./run-controls";
import { RunsTable } from "./runs-table";

/** In seconds. A run started here keeps running after the response. */
export const maxDuration = 300;

const PATH = "/admin/runs";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.runs"))("title") };
}

export default async function RunsPage({ params, searchParams }: AdminPageProps) {
  await requireAdminPage();
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.runs");
  const address = runsQuery.parse(await searchParams);
  const { status, order } = address;
  const filter = { status: status === "effect" ? null : status, order };
  const filtered = hrefOf(PATH, filter) !== PATH;
  const { page, latest, failing } = await readRunsPage(db, address);
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} />
      <RunControls
        runningId={latest?.status === "running" ? latest.id : null}
        formId={randomUUID()}
      />
      <FailuresCard
        failures={failing}
        newerHref={failing.newer && hrefOf(PATH, { ...filter, failingNewer: failing.newer })}
        olderHref={failing.older && hrefOf(PATH, { ...filter, failingOlder: failing.older })}
      />
      <FilterForm path={PATH} filtered={filtered}>
        <SelectField
          label={t("status")}
          name="status"
          value={status}
          options={[
            { value: "effect", label: t("withEffect") },
            { value: "all", label: t("anyStatus") },
            ...runStatus.enumValues.map((value) => ({ value, label: t(`statuses.${value}`) })),
          ]}
        />
        <OrderField value={order} />
      </FilterForm>
      {page.rows.length === 0 ? (
        <EmptyState title={t(filtered ? "noneFits" : "empty")}>
          {t(filtered ? "noneFitsHint" : "emptyHint")}
        </EmptyState>
      ) : (
        <RunsTable runs={page.rows} />
      )}
      <Pagination {...paginationHrefs(PATH, filter, page)} />
    </>
  );
}
