import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { requireAdminPage } from "@/accounts/session";
import { readSiteHealth } from "@/app/api/health/read-site-health";
import { DateTime } from "@/components/date-time";
import { Alert } from "@/components/ui/alert";
import { PageHeader } from "@/components/ui/page-header";
import { isLocale } from "@/lib/locales";
import type { AdminPageProps } from "../page-props";
import { HealthTable } from "./health-table";

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("admin.health"))("title") };
}

/** The result of `/api/health` for people: problems first, then every check. */
export default async function HealthPage({ params }: AdminPageProps) {
  await requireAdminPage();
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("admin.health");
  const health = await readSiteHealth();
  return (
    <>
      <PageHeader
        title={t("title")}
        description={t.rich("description", {
          instant: () => <DateTime instant={health.checkedAt} />,
        })}
      />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
        {health.problems.length === 0 ? (
          <Alert tone="success" title={t("fine")} />
        ) : (
          <Alert tone="destructive" title={t("found", { count: health.problems.length })}>
            <ul className="grid gap-1">
              {health.problems.map((problem) => (
                <li key={problem}>{t(`problems.${problem}`)}</li>
              ))}
            </ul>
          </Alert>
        )}
        <HealthTable health={health} />
      </div>
    </>
  );
}
