import { randomUUID } from "node:crypto";
import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { z } from "zod";
import { requireAdminPage } from "@/accounts/session";
import { sequenceNumber } from "@/admin/lists/query-fields";
import { findUser } from "@/admin/users/user";
import { findViewEnd } from "@/admin/users/view-as";
import { hrefOf } from "@/components/admin/hrefs";
import { ClientMessages } from "@/components/layout/client-messages";
import { Link } from "@/components/link";
import { cn } from "@/components/ui/cn";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { Pagination } from "@/components/ui/pagination";
import { db } from "@/db";
import { searchLedger } from "@/ledger/reads/search";
import { now } from "@/lib/clock";
import { isLocale } from "@/lib/locales";
import { BillingView, CreditsView, DashboardView } from "./customer-pages";
import { ViewButton } from "./view-button";
import { ViewFrame } from "./view-frame";

const LEDGER_ROWS = 25;
const PAGES = ["dashboard", "credits", "billing"] as const;

const viewQuery = z.object({
  /** The id of the audit entry that permits the view. */
  view: z.string().max(36).catch(""),
  page: z.enum(PAGES).catch("dashboard"),
  /** The page of the ledger. */
  before: sequenceNumber,
  after: sequenceNumber,
});

interface Props {
  params: Promise<{ locale: string; id: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.view"))("title") };
}

/** A customer's dashboard, credits and billing as the customer sees them, for an admin who gave a reason. */
export default async function CustomerViewPage({ params, searchParams }: Props) {
  const admin = await requireAdminPage();
  const { locale, id } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.view");
  const nav = await getTranslations("common.nav");
  const userId = decodeURIComponent(id);
  const { view, page, ...turn } = viewQuery.parse(await searchParams);
  const at = now();
  const user = await findUser(db, userId);
  if (user === undefined || user.deletedAt !== null) notFound();
  const path = `/admin/users/${encodeURIComponent(userId)}`;
  const endsAt = await findViewEnd(db, { viewId: view, actorId: admin.id, userId, now: at });
  const back = (
    <Link href={path} className="text-muted-foreground text-sm hover:text-foreground">
      ← {t("back")}
    </Link>
  );
  if (endsAt === null) {
    return (
      <>
        {back}
        <PageHeader title={t("title")} description={user.email} />
        <EmptyState
          title={t("ended")}
          action={<ViewButton userId={userId} formId={randomUUID()} />}
        >
          {t("explanation")}
        </EmptyState>
      </>
    );
  }
  const address = (query: Record<string, string | number | null>) =>
    hrefOf(`${path}/view`, { view, page, ...query });
  const ledger =
    page === "credits"
      ? await searchLedger(db, { userId, filter: {}, turn, limit: LEDGER_ROWS, now: at })
      : null;
  const viewed = { userId, timeZone: user.timeZone, emailVerified: user.emailVerified, at };
  return (
    <div className="flex flex-col gap-4">
      {back}
      <nav aria-label={t("title")} className="flex gap-1 text-sm">
        {PAGES.map((name) => (
          <Link
            key={name}
            href={address({ page: name })}
            prefetch={false}
            aria-current={name === page ? "page" : undefined}
            className={cn(
              "rounded-md px-3 py-1.5",
              name === page ? "bg-muted font-medium" : "text-muted-foreground hover:bg-muted",
            )}
          >
            {nav(name)}
          </Link>
        ))}
      </nav>
      <ClientMessages namespaces={["admin", "billing", "common", "credits", "dashboard", "errors"]}>
        <ViewFrame
          userId={userId}
          email={user.email}
          timeZone={user.timeZone}
          endsAt={endsAt}
          now={at}
        >
          {page === "dashboard" && <DashboardView {...viewed} />}
          {ledger && <CreditsView {...viewed} ledger={ledger} />}
          {page === "billing" && <BillingView {...viewed} />}
        </ViewFrame>
      </ClientMessages>
      {ledger && (
        <Pagination
          newerHref={ledger.newerAfter === null ? null : address({ after: ledger.newerAfter })}
          olderHref={ledger.olderBefore === null ? null : address({ before: ledger.olderBefore })}
        />
      )}
    </div>
  );
}
