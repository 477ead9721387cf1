import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { readMembers, readSales } from "@/admin/business";
import { addFlow, NO_FLOWS } from "@/admin/flows";
import { REPORT_MONTHS, reportsAddress } from "@/admin/input";
import { type MonthReport, reportMonths } from "@/admin/reports";
import { requireAdminPage } from "@/auth/session";
import { addressOf } from "@/components/admin/address";
import { DownloadLink } from "@/components/admin/download-link";
import { LazyFlowsChart } from "@/components/admin/lazy-flows-chart";
import { Card, CardHeader } from "@/components/ui/card";
import { LinkButton } from "@/components/ui/link-button";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { isLocale } from "@/lib/locales";
import type { AdminPageProps } from "../admin-page-props";
import { MonthsTable } from "./months-table";
import { ReportTable } from "./report-table";
import { SalesTable } from "./sales-table";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.reports"))("title") };
}

export default async function ReportsPage({ params, searchParams }: AdminPageProps) {
  await requireAdminPage();
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.reports");
  const { months } = reportsAddress.parse(await searchParams);
  const period = { at: now(), months: Number(months) };
  const reports: MonthReport[] = [];
  for await (const report of reportMonths(db, period)) reports.push(report);
  const [sales, members] = await Promise.all([readSales(db, period), readMembers(db, period)]);
  const flows = reports.map(toFlows);
  const download = (name: string) => (
    <DownloadLink href={addressOf(`/api/admin/reports/${name}.csv`, { months })} />
  );
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} />
      <nav aria-label={t("period")} className="mb-6 flex flex-wrap gap-1">
        {REPORT_MONTHS.map((option) => (
          <LinkButton
            key={option}
            href={addressOf("/admin/reports", { months: option === "12" ? null : option })}
            size="sm"
            variant={option === months ? "secondary" : "quiet"}
            aria-current={option === months ? "true" : undefined}
          >
            {t("months", { months: Number(option) })}
          </LinkButton>
        ))}
      </nav>
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
        <Card>
          <CardHeader title={t("chart")} />
          <LazyFlowsChart months={flows.toReversed()} />
        </Card>
        <Card>
          <CardHeader title={t("sales")} description={t("salesHint")} aside={download("sales")} />
          <SalesTable sales={sales} />
        </Card>
        <Card>
          <CardHeader
            title={t("membersTitle")}
            description={t("membersHint")}
            aside={download("members")}
          />
          <MonthsTable members={members} flows={flows} />
        </Card>
        <Card>
          <CardHeader title={t("table")} description={t("tableHint")} aside={download("usage")} />
          <ReportTable reports={reports} />
        </Card>
      </div>
    </>
  );
}

function toFlows({ month, totals }: MonthReport) {
  const flows = totals.reduce(
    (sum, { type, creditsIn, creditsOut }) =>
      addFlow(addFlow(sum, type, creditsIn), type, creditsOut),
    NO_FLOWS,
  );
  return { month, ...flows };
}
