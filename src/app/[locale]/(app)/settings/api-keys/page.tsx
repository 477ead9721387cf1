import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { requireUserPage } from "@/accounts/session";
import { KeyList, NewKeyButton } from "@/components/api-keys/key-list";
import { ClientMessages } from "@/components/layout/client-messages";
import { PlainLink } from "@/components/plain-link";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { PageHeader } from "@/components/ui/page-header";
import { db } from "@/db";
import { machineNow } from "@/lib/clock";
import { listServices } from "@/public-api/services";
import { changeMyApiKeyCap, createMyApiKey, revokeMyApiKey, rotateMyApiKey } from "./actions";

const ACTIONS = {
  create: createMyApiKey,
  rotate: rotateMyApiKey,
  changeCap: changeMyApiKeyCap,
  revoke: revokeMyApiKey,
};

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("apiKeys"))("title") };
}

/** The signed-in user's keys of the API. */
export default async function ApiKeysPage() {
  const user = await requireUserPage();
  const t = await getTranslations("apiKeys");
  const services = await listServices(db, { ownerId: user.id, now: machineNow() });
  return (
    <ClientMessages namespaces={["apiKeys", "common", "errors"]}>
      <PageHeader
        title={t("title")}
        description={t("personalText")}
        action={<NewKeyButton scopes={["read", "spend"]} create={createMyApiKey} />}
      />
      <div className="max-w-3xl">
        <Card>
          {services.length === 0 ? (
            <EmptyState title={t("empty")}>{t("emptyHint")}</EmptyState>
          ) : (
            <KeyList services={services} actions={ACTIONS} />
          )}
          <p className="mt-4 text-sm">
            <PlainLink href="/docs/api" className="underline underline-offset-4">
              {t("docs")}
            </PlainLink>
          </p>
        </Card>
      </div>
    </ClientMessages>
  );
}
