import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { requireAdminPage } from "@/accounts/session";
import { readSiteHealth } from "@/app/api/health/read-site-health";
import { billingDeps } from "@/billing/deps";
import { checkPrices, type PriceMismatch } from "@/billing/stripe/check-prices";
import { DateTime } from "@/components/date-time";
import { Alert } from "@/components/ui/alert";
import { PageHeader } from "@/components/ui/page-header";
import { isLocale } from "@/lib/locales";
import { logger } from "@/lib/logger";
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
  const [health, mismatches] = await Promise.all([readSiteHealth(), readPriceMismatches()]);
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
        <PriceAlert mismatches={mismatches} />
        <HealthTable health={health} />
      </div>
    </>
  );
}

const PRICES_TIMEOUT_MS = 3_000;

/** Null if Stripe did not respond in time. */
async function readPriceMismatches(): Promise<PriceMismatch[] | null> {
  try {
    return await checkPrices(billingDeps, { timeoutMs: PRICES_TIMEOUT_MS });
  } catch (error) {
    logger.warn({ err: error }, "Stripe's prices could not be compared with the catalogue");
    return null;
  }
}

async function PriceAlert({ mismatches }: { mismatches: PriceMismatch[] | null }) {
  const t = await getTranslations("admin.health.prices");
  if (mismatches === null) return <Alert tone="warning" title={t("unknown")} />;
  if (mismatches.length === 0) return <Alert tone="success" title={t("same")} />;
  return (
    <Alert tone="destructive" title={t("different")}>
      <ul className="grid gap-1">
        {mismatches.map((mismatch) => (
          <li key={`${mismatch.item} ${mismatch.fact}`}>
            {t(`facts.${mismatch.fact}`, { ...mismatch })}
          </li>
        ))}
      </ul>
    </Alert>
  );
}
