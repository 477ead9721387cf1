import { useLocale, useTranslations } from "next-intl";
import type { ServiceUsage } from "@/admin/api-services";
import { catalog } from "@/catalog/catalog";
import { UserLink } from "@/components/admin/user-link";
import { Credits } from "@/components/credits";
import { Badge } from "@/components/ui/badge";
import {
  Table,
  TableBody,
  TableCell,
  TableHead,
  TableHeader,
  TableRow,
} from "@/components/ui/table";
import { localeOf } from "@/lib/locales";

/** What each service spent on each feature, with its keys and, unless all are of one user, its owner. */
export function UsageTable({
  usage,
  isOneUser = false,
}: {
  usage: readonly ServiceUsage[];
  isOneUser?: boolean;
}) {
  const t = useTranslations("apiKeys");
  const locale = localeOf(useLocale());
  return (
    <Table cards label={t("console.usage")}>
      <TableHead>
        <tr>
          <TableHeader>{t("serviceId")}</TableHeader>
          <TableHeader>{t("console.feature")}</TableHeader>
          <TableHeader numeric>{t("console.spends")}</TableHeader>
          <TableHeader numeric>{t("console.spent")}</TableHeader>
          <TableHeader numeric>{t("console.unbilled")}</TableHeader>
        </tr>
      </TableHead>
      <TableBody>
        {usage.map(({ serviceId, feature, spends, spent, unbilled, ...service }) => (
          <TableRow key={`${serviceId} ${feature}`}>
            <TableCell className="min-w-48">
              <ServiceName serviceId={serviceId} isOneUser={isOneUser} {...service} />
            </TableCell>
            <TableCell>
              {feature === null ? "–" : (catalog.features[feature]?.name[locale] ?? feature)}
            </TableCell>
            <TableCell numeric>{spends}</TableCell>
            <TableCell numeric>
              <Credits amount={spent} />
            </TableCell>
            <TableCell numeric>
              <Credits amount={unbilled} />
            </TableCell>
          </TableRow>
        ))}
      </TableBody>
    </Table>
  );
}

function ServiceName({
  serviceId,
  name,
  isPersonal,
  owner,
  keys,
  isOneUser,
}: Pick<ServiceUsage, "serviceId" | "name" | "isPersonal" | "owner" | "keys"> & {
  isOneUser: boolean;
}) {
  const t = useTranslations("apiKeys");
  return (
    <>
      {name} {isPersonal && <Badge>{t("console.personal")}</Badge>}{" "}
      {keys.length === 0 && <Badge>{t("console.noKey")}</Badge>}
      {owner !== null && !isOneUser && (
        <p>
          <UserLink userId={owner.id} emails={new Map([[owner.id, owner.email]])} />
        </p>
      )}
      <p className="flex flex-wrap gap-x-2 text-muted-foreground text-xs">
        {keys.map((start) => (
          <code key={start}>{start}…</code>
        ))}
        <code>{serviceId}</code>
      </p>
    </>
  );
}
