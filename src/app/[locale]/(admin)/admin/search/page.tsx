import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import type { ReactNode } from "react";
import { requireAdminPage } from "@/accounts/session";
import { searchConsole, searchQuery } from "@/admin/search";
import { hrefOf } from "@/components/admin/hrefs";
import { Link } from "@/components/link";
import { Card, CardHeader } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { now } from "@/lib/clock";
import { isLocale } from "@/lib/locales";
import { AuditTable } from "../audit/audit-table";
import { EventsTable } from "../events/(list)/events-table";
import type { AdminPageProps } from "../page-props";
import { PaymentsTable } from "../payments-table";
import { RunsTable } from "../runs/runs-table";
import { UsersTable } from "../users/(list)/users-table";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.search"))("title") };
}

/** What a term of the console's search field matches, by kind. */
export default async function SearchPage({ params, searchParams }: AdminPageProps) {
  await requireAdminPage();
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.search");
  const nav = await getTranslations("admin.nav");
  const { q } = searchQuery.parse(await searchParams);
  const found = await searchConsole(db, { q, at: now() });
  if (found === null) return <PageHeader title={t("title")} description={t("short")} />;
  const { users, payments, events, runs, audit } = found;
  const groups = [
    {
      ...users,
      title: nav("users"),
      path: "/admin/users",
      table: <UsersTable users={users.rows} />,
    },
    {
      ...payments,
      title: nav("payments"),
      path: "/admin/payments",
      table: <PaymentsTable payments={payments.rows} emails={payments.emails} />,
    },
    {
      ...events,
      title: nav("events"),
      path: "/admin/events",
      table: <EventsTable events={events.rows} />,
    },
    {
      rows: runs,
      hasMore: false,
      title: nav("runs"),
      path: "/admin/runs",
      table: <RunsTable runs={runs} />,
    },
    {
      ...audit,
      title: nav("audit"),
      path: "/admin/audit",
      table: <AuditTable entries={audit.rows} emails={audit.emails} />,
    },
  ].filter(({ rows }) => rows.length > 0);
  return (
    <>
      <PageHeader title={t("title")} description={t("for", { term: q })} />
      {groups.length === 0 && <EmptyState title={t("empty")}>{t("emptyHint")}</EmptyState>}
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
        {groups.map(({ title, path, hasMore, table }) => (
          <Group key={path} title={title} moreHref={hasMore ? hrefOf(path, { q }) : null}>
            {table}
          </Group>
        ))}
      </div>
    </>
  );
}

async function Group({
  title,
  moreHref,
  children,
}: {
  title: string;
  moreHref: string | null;
  children: ReactNode;
}) {
  const t = await getTranslations("admin.search");
  return (
    <Card>
      <CardHeader
        title={title}
        aside={
          moreHref && (
            <Link href={moreHref} className="text-sm underline underline-offset-4">
              {t("more")}
            </Link>
          )
        }
      />
      {children}
    </Card>
  );
}
