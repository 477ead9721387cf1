import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { requireAdminPage } from "@/accounts/session";
import { readServiceUsage, USAGE_DAYS } from "@/admin/api-services";
import { KeyList, NewKeyButton } from "@/components/api-keys/key-list";
import { Card, CardHeader } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { machineNow, now } from "@/lib/clock";
import { isLocale } from "@/lib/locales";
import { listServices } from "@/public-api/services";
import type { AdminPageProps } from "../page-props";
import { changeServiceCap, createServiceKey, revokeServiceKey, rotateServiceKey } from "./actions";
import { UsageTable } from "./usage-table";

const ACTIONS = {
  create: createServiceKey,
  rotate: rotateServiceKey,
  changeCap: changeServiceCap,
  revoke: revokeServiceKey,
};

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("apiKeys"))("title") };
}

/** The services of the site with their keys, and what was spent by the API. */
export default async function KeysPage({ params }: AdminPageProps) {
  await requireAdminPage();
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("apiKeys");
  const [services, usage] = await Promise.all([
    listServices(db, { ownerId: null, now: machineNow() }),
    readServiceUsage(db, { now: now() }),
  ]);
  return (
    <>
      <PageHeader title={t("title")} />
      <Card>
        <CardHeader
          title={t("console.services")}
          description={t("console.servicesText")}
          aside={<NewKeyButton scopes={["read", "spend", "refund"]} create={createServiceKey} />}
        />
        {services.length === 0 ? (
          <EmptyState title={t("empty")}>{t("console.emptyHint")}</EmptyState>
        ) : (
          <KeyList services={services} actions={ACTIONS} />
        )}
      </Card>
      <Card className="mt-8">
        <CardHeader
          title={t("console.usage")}
          description={t("console.usageText", { days: USAGE_DAYS })}
        />
        {usage.length === 0 ? (
          <EmptyState title={t("console.noUsage")} />
        ) : (
          <UsageTable usage={usage} />
        )}
      </Card>
    </>
  );
}
