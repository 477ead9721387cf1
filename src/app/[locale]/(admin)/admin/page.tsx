import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { Suspense } from "react";
import { requireAdminPage } from "@/accounts/session";
import { OVERVIEW_DAYS, overviewQuery, overviewReads } from "@/admin/reports/overview";
import { hrefOf } from "@/components/admin/hrefs";
import { LinkButton } from "@/components/ui/link-button";
import { PageHeader } from "@/components/ui/page-header";
import { Skeleton } from "@/components/ui/skeleton";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { isLocale } from "@/lib/locales";
import { BooksCard } from "./books-card";
import { FlowsCard, OutstandingCard, QueuesCard, RevenueCard } from "./overview-cards";
import type { AdminPageProps } from "./page-props";

/** In seconds. A reconciliation started here keeps running after the response. */
export const maxDuration = 300;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.overview"))("title") };
}

/** Each card streams in as soon as its own read is done. */
export default async function OverviewPage({ params, searchParams }: AdminPageProps) {
  await requireAdminPage();
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.overview");
  const { days } = overviewQuery.parse(await searchParams);
  const at = now();
  const reads = overviewReads(db, { days: Number(days), at });
  const cards = [
    { name: "outstanding", card: <OutstandingCard read={reads.outstanding} at={at} /> },
    { name: "flows", card: <FlowsCard read={reads.flows} /> },
    { name: "revenue", card: <RevenueCard read={reads.revenue} /> },
    { name: "books", card: <BooksCard read={reads.books} /> },
    { name: "queues", card: <QueuesCard read={reads.queues} /> },
  ];
  return (
    <>
      <PageHeader
        title={t("title")}
        description={t("description")}
        action={
          <nav aria-label={t("period")} className="flex gap-1">
            {OVERVIEW_DAYS.map((option) => (
              <LinkButton
                key={option}
                href={hrefOf("/admin", { days: option === "30" ? null : option })}
                size="sm"
                variant={option === days ? "secondary" : "quiet"}
                aria-current={option === days ? "true" : undefined}
              >
                {t("days", { days: Number(option) })}
              </LinkButton>
            ))}
          </nav>
        }
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
        {cards.map(({ name, card }) => (
          <Suspense key={`${name} ${days}`} fallback={<Skeleton className="h-40" />}>
            {card}
          </Suspense>
        ))}
      </div>
    </>
  );
}
