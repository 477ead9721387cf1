import { useLocale, useTranslations } from "next-intl";
import type { ServiceUsage } from "@/admin/api-services";
import { catalog } from "@/catalog/catalog";
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

/** What each service spent on each feature. The name of a personal key is only shown beside its owner. */
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
        {usage.map(({ serviceId, name, isPersonal, feature, spends, spent, unbilled }) => (
          <TableRow key={`${serviceId} ${feature}`}>
            <TableCell className="min-w-40">
              {(!isPersonal || isOneUser) && name}{" "}
              {isPersonal && <Badge>{t("console.personal")}</Badge>}{" "}
              <code className="text-muted-foreground text-xs">{serviceId}</code>
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
