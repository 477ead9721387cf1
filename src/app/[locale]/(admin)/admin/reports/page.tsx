import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { requireAdminPage } from "@/accounts/session";
import { REPORT_MONTHS, readReportsPage, reportsQuery } from "@/admin/reports/months";
import { DownloadLink } from "@/components/admin/download-link";
import { hrefOf } from "@/components/admin/hrefs";
import { DateTime } from "@/components/date-time";
import { Card, CardHeader } from "@/components/ui/card";
import { LinkButton } from "@/components/ui/link-button";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { isLocale } from "@/lib/locales";
import type { AdminPageProps } from "../page-props";
import { MembersTable, SalesTable } from "./business-tables";
import { FlowsChart, MembersChart, SalesCharts } from "./charts";
import { BooksTable, OutstandingTable, UsageTable } from "./credit-tables";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.reports"))("title") };
}

export default async function ReportsPage({ params, searchParams }: AdminPageProps) {
  await requireAdminPage();
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.reports");
  const { months } = reportsQuery.parse(await searchParams);
  const page = await readReportsPage(db, { at: now(), months: Number(months) });
  const download = (name: string) => (
    <DownloadLink href={hrefOf(`/api/admin/reports/${name}.csv`, { months })} />
  );
  return (
    <>
      <PageHeader title={t("title")} description={t("description")} />
      <nav aria-label={t("period")} className="mb-6 flex flex-wrap gap-1">
        {REPORT_MONTHS.map((option) => (
          <LinkButton
            key={option}
            href={hrefOf("/admin/reports", { months: option === "12" ? null : option })}
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
          <CardHeader title={t("books")} description={t("booksHint")} aside={download("books")} />
          <FlowsChart months={page.months} />
          <BooksTable months={page.months} />
        </Card>
        <Card>
          <CardHeader title={t("outstanding")} description={t("outstandingHint")} />
          <OutstandingTable latest={page.outstanding} earlier={page.earlier} />
        </Card>
        <Card>
          <CardHeader title={t("sales")} description={t("salesHint")} aside={download("sales")} />
          <SalesCharts sales={page.sales} months={page.months} />
          <SalesTable sales={page.sales} />
        </Card>
        <Card>
          <CardHeader
            title={t("membersTitle")}
            description={t.rich("membersHint", {
              instant: () => <DateTime instant={page.members.countedAt} />,
            })}
            aside={download("members")}
          />
          <MembersChart members={page.members.months} />
          <MembersTable members={page.members.months} lots={page.lots} months={page.months} />
        </Card>
        <Card>
          <CardHeader title={t("table")} description={t("tableHint")} aside={download("usage")} />
          <UsageTable months={page.months} />
        </Card>
      </div>
    </>
  );
}
