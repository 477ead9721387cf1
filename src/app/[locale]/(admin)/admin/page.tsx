import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { Suspense } from "react";
import { requireAdminPage } from "@/accounts/session";
import { OVERVIEW_DAYS, overviewQuery, overviewReads } from "@/admin/reports/overview";
import { addressOf } from "@/components/admin/address";
import { LinkButton } from "@/components/ui/link-button";
import { PageHeader } from "@/components/ui/page-header";
import { Skeleton } from "@/components/ui/skeleton";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { isLocale } from "@/lib/locales";
import type { AdminPageProps } from "./admin-page-props";
import { BooksCard } from "./books-card";
import { FlowsCard } from "./flows-card";
import { OutstandingCard } from "./outstanding-card";
import { QueuesCard } from "./queues-card";
import { RevenueCard } from "./revenue-card";

/** Seconds; a reconcile started from this page goes on for as long after the answer. */
export const maxDuration = 300;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.overview"))("title") };
}

/** Each card reads for itself and appears when it has read; none waits for another. */
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
                href={addressOf("/admin", { days: option === "30" ? null : option })}
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
