import type { Metadata } from "next";
import { getTranslations, setRequestLocale } from "next-intl/server";
import { requireAdminPage } from "@/accounts/session";
import { readServiceUsage, USAGE_DAYS } from "@/admin/api-services";
import { EndpointList, NewEndpointButton } from "@/components/api-keys/endpoint-list";
import { KeyList, NewKeyButton } from "@/components/api-keys/key-list";
import { Card, CardHeader } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { machineNow, now } from "@/lib/clock";
import { isLocale } from "@/lib/locales";
import { listServices } from "@/public-api/services";
import { listEndpoints } from "@/webhooks/endpoints";
import { EVENT_TYPES } from "@/webhooks/events";
import type { AdminPageProps } from "../page-props";
import { changeServiceCap, createServiceKey, revokeServiceKey, rotateServiceKey } from "./actions";
import {
  createWebhookEndpoint,
  deleteWebhookEndpoint,
  replayWebhookEndpoint,
  rotateWebhookSecret,
  switchWebhookEndpoint,
} from "./endpoint-actions";
import { UsageTable } from "./usage-table";

const ACTIONS = {
  create: createServiceKey,
  rotate: rotateServiceKey,
  changeCap: changeServiceCap,
  revoke: revokeServiceKey,
};

const ENDPOINT_ACTIONS = {
  create: createWebhookEndpoint,
  rotate: rotateWebhookSecret,
  enable: switchWebhookEndpoint,
  replay: replayWebhookEndpoint,
  remove: deleteWebhookEndpoint,
};

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("apiKeys"))("title") };
}

/** The services of the site with their keys and endpoints, and what was spent through the API. */
export default async function KeysPage({ params }: AdminPageProps) {
  await requireAdminPage();
  const { locale } = await params;
  if (isLocale(locale)) setRequestLocale(locale);
  const t = await getTranslations("apiKeys");
  const [services, endpoints, usage] = await Promise.all([
    listServices(db, { ownerId: null, now: machineNow() }),
    listEndpoints(db),
    readServiceUsage(db, { now: now(), keysAt: machineNow() }),
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
          title={t("endpoints.title")}
          description={t("endpoints.text")}
          aside={
            services.length > 0 && (
              <NewEndpointButton
                services={services}
                types={EVENT_TYPES}
                create={ENDPOINT_ACTIONS.create}
              />
            )
          }
        />
        {endpoints.length === 0 ? (
          <EmptyState title={t("endpoints.empty")}>
            {t(services.length === 0 ? "endpoints.needsService" : "endpoints.emptyHint")}
          </EmptyState>
        ) : (
          <EndpointList endpoints={endpoints} actions={ENDPOINT_ACTIONS} />
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
