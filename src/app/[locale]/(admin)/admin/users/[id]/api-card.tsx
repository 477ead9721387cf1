import { useTranslations } from "next-intl";
import { type ServiceUsage, USAGE_DAYS } from "@/admin/api-services";
import { KeyList } from "@/components/api-keys/key-list";
import { Card, CardHeader } from "@/components/ui/card";
import type { Service } from "@/public-api/services";
import { UsageTable } from "../../keys/usage-table";

/** The user's keys with their caps, and what every key has spent of the user's credits. */
export function ApiCard({
  services,
  usage,
}: {
  services: readonly Service[];
  usage: readonly ServiceUsage[];
}) {
  const t = useTranslations("apiKeys");
  return (
    <Card>
      <CardHeader title={t("title")} description={t("console.userText", { days: USAGE_DAYS })} />
      <div className="grid grid-cols-[minmax(0,1fr)] gap-6">
        {services.length === 0 ? (
          <p className="text-muted-foreground text-sm">{t("empty")}</p>
        ) : (
          <KeyList services={services} />
        )}
        {usage.length > 0 && <UsageTable usage={usage} isOneUser />}
      </div>
    </Card>
  );
}
